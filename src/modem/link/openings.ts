interface OpenReport {
  readonly result: Promise<number>;
  resolve(result: number): void;
  reject(reason: Error): void;
}

/** Sockets whose open URC is awaited. */
export class Openings {
  private readonly pending = new Map<number, OpenReport>();

  /** The `result` of the next open URC of a socket; rejects if the session ends first. */
  await(socketId: number): Promise<number> {
    let resolve: (result: number) => void = () => undefined;
    let reject: (reason: Error) => void = () => undefined;
    const result = new Promise<number>((...settle) => ([resolve, reject] = settle));
    this.pending.set(socketId, { result, resolve, reject });
    // The caller may no longer wait for the result.
    result.catch(() => undefined);
    return result;
  }

  /** Whether the open URC of this socket is awaited. */
  has(socketId: number): boolean {
    return this.pending.has(socketId);
  }

  /** The open URC of a socket was received. */
  noteResult(socketId: number, result: number): void {
    this.pending.get(socketId)?.resolve(result);
  }

  /** Stops waiting for the open URC. @param result see {@link await} */
  forget(socketId: number, result: Promise<number>): void {
    if (this.pending.get(socketId)?.result === result) this.pending.delete(socketId);
  }

  /** Opening this socket was given up: rejects the wait for its open URC. */
  abandon(socketId: number, reason: Error): void {
    this.pending.get(socketId)?.reject(reason);
    this.pending.delete(socketId);
  }

  /** The session has ended. */
  abandonAll(reason: Error): void {
    for (const socketId of this.pending.keys()) this.abandon(socketId, reason);
  }
}
