import type { CurrentLink } from '../link/current-link';

export interface Closing {
  /** Asked when its turn comes: whether the socket id is still what is to be closed. */
  readonly isWanted?: () => boolean;
  /** Told when the module has answered, or will not any more. */
  readonly onDone?: () => void;
}

/** Closes sockets that nobody needs any more, whatever the module says to it. */
export class SocketCloser {
  private readonly underWay = new Map<number, Promise<unknown>>();

  constructor(private readonly current: CurrentLink) {}

  /** Nothing is closed without a session. */
  close(socketId: number, { isWanted = () => true, onDone = () => undefined }: Closing = {}): void {
    const { session } = this.current;
    if (!session) return onDone();
    const closing = session
      .close(socketId, { isWanted })
      .catch(() => undefined)
      .finally(() => {
        if (this.underWay.get(socketId) === closing) this.underWay.delete(socketId);
        onDone();
      });
    this.underWay.set(socketId, closing);
  }

  /** Whether the module has not answered yet. */
  isClosing(socketId: number): boolean {
    return this.underWay.has(socketId);
  }

  /** Resolves when the module has answered all of it. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.underWay.values());
  }
}
