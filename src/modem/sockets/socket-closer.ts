import type { CurrentLink } from '../link/current-link';

export interface Closing {
  /** Asked when its turn comes: whether the socket id is still what is to be closed. */
  readonly isWanted?: () => boolean;
  /** Told when the module has answered, or will not any more. */
  readonly onDone?: () => void;
}

/** Closes sockets that nobody needs any more, whatever the module says to it. */
export class SocketCloser {
  private readonly underWay = new Map<number, Promise<boolean>>();

  constructor(private readonly current: CurrentLink) {}

  /** Nothing is closed without a session. */
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

  /** Resolves with whether the module closed it; missing when nobody has asked for that, or it has answered. */
  closing(socketId: number): Promise<boolean> | undefined {
    return this.underWay.get(socketId);
  }

  /** Resolves when the module has answered all of it. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay.values());
  }
}
