import type { CurrentLink } from '../link/current-link';

export interface Closing {
  /** Called right before the command is sent: whether the socket id still is the socket to close. */
  readonly isWanted?: () => boolean;
  /** Called when the module has answered or the attempt has ended. */
  readonly onDone?: () => void;
}

/** Closes unneeded sockets; ignores rejections. */
export class SocketCloser {
  private readonly underWay = new Map<number, Promise<boolean>>();

  constructor(private readonly current: CurrentLink) {}

  /** Does nothing without a session. */
  close(socketId: number, { isWanted = () => true, onDone = () => undefined }: Closing = {}): void {
    const { session } = this.current;
    if (!session) return onDone();
    const answered = session.close(socketId, { isWanted }).then(
      () => true,
      () => false,
    );
    const closing = Promise.all([this.underWay.get(socketId), answered])
      .then((outcomes) => outcomes.includes(true))
      .finally(() => {
        if (this.underWay.get(socketId) === closing) this.underWay.delete(socketId);
        onDone();
      });
    this.underWay.set(socketId, closing);
  }

  /** Resolves with whether the module closed the socket; `undefined` when no close is pending. */
  closing(socketId: number): Promise<boolean> | undefined {
    return this.underWay.get(socketId);
  }

  /** Number of sockets whose close is pending. */
  get pending(): number {
    return this.underWay.size;
  }

  /** Resolves when no close is pending, nor any that began meanwhile. */
  async settled(): Promise<void> {
    while (this.pending > 0) await Promise.all(this.underWay.values());
  }
}
