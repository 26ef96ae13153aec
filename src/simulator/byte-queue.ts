/** A FIFO of bytes, stored in the chunks in which they arrived. Taking bytes from a single chunk copies nothing. */
export class ByteQueue {
  #pieces: Buffer[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The oldest chunk, or undefined when the queue is empty. */
  get first(): Buffer | undefined {
    return this.#pieces[0];
  }

  push(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#pieces.push(bytes);
    this.#length += bytes.length;
  }

  /** Removes and returns at most `max` bytes. */
  take(max: number): Buffer {
    const wanted = Math.min(max, this.#length);
    const taken: Buffer[] = [];
    for (let missing = wanted; missing > 0;) {
      const piece = this.#pieces[0]?.subarray(0, missing) ?? Buffer.alloc(0);
      taken.push(piece);
      missing -= piece.length;
      this.skip(piece.length);
    }
    return taken.length === 1 && taken[0] ? taken[0] : Buffer.concat(taken, wanted);
  }

  /** Drops `count` bytes, which must all belong to the oldest chunk. */
  skip(count: number): void {
    const first = this.#pieces[0];
    if (!first || count === 0) return;
    if (count === first.length) this.#pieces.shift();
    else this.#pieces[0] = first.subarray(count);
    this.#length -= count;
  }

  clear(): void {
    this.#pieces = [];
    this.#length = 0;
  }
}
