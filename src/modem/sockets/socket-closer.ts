import type { CurrentLink } from '../link/current-link';

export interface Closing {
  /** What comes before the command; it must not reject. */
  readonly after?: Promise<unknown> | undefined;
  /** Called right before the command is sent: whether the socket id still is the socket to close. */
  readonly isWanted?: () => boolean;
  /** Called when the module has answered or the attempt has ended. */
  readonly onDone?: () => void;
}

/** A URC on the other port is not later than so many closes. */
const REMEMBERED = 64;

/** Closes unneeded sockets; ignores rejections. */
export class SocketCloser {
  private readonly underWay = new Map<number, Promise<boolean>>();
  /** Socket ids of the latest commands, the oldest first. */
  private latest: readonly number[] = [];

  constructor(private readonly current: CurrentLink) {}

  /** Does nothing without a session. */
  close(socketId: number, { after, isWanted = () => true, onDone = () => undefined }: Closing = {}): void {
    const { session } = this.current;
    if (!session) return onDone();
    this.latest = [...this.latest, socketId].slice(-REMEMBERED);
    const close = (): Promise<void> => session.close(socketId, { isWanted });
    const answered = (after ? after.then(close) : close()).then(
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

  /** Whether a socket with this id was closed lately, so that URCs about it may still be on their way on another port. */
  hasClosed(socketId: number): boolean {
    return this.latest.includes(socketId);
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
