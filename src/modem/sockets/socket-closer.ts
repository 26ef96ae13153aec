import type { CurrentLink } from '../link/current-link';

/** Closes sockets that nobody needs any more, whatever the module says to it. */
export class SocketCloser {
  private readonly underWay = new Map<number, Promise<unknown>>();

  constructor(private readonly current: CurrentLink) {}

  /** Nothing is closed without a session. @param done when the module has answered, or will not any more */
  close(socketId: number, done: () => void = () => undefined): void {
    const { session } = this.current;
    if (!session) return done();
    const closing = session
      .close(socketId)
      .catch(() => undefined)
      .finally(() => {
        if (this.underWay.get(socketId) === closing) this.underWay.delete(socketId);
        done();
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
