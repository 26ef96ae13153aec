/**
 * Lines that become more, one by one. Adding one does not copy those before, and does not change a list that was there
 * before: each list is a view of the first `length` of all.
 */
export class LineList {
  static readonly EMPTY = new LineList([], 0, 0);

  private constructor(
    private readonly all: string[],
    readonly length: number,
    /** Of all lines together. */
    readonly characters: number,
  ) {}

  /** The same with one more. */
  with(line: string): LineList {
    const isLatest = this.all.length === this.length && this.length > 0;
    const all = isLatest ? this.all : this.toArray();
    all.push(line);
    return new LineList(all, all.length, this.characters + line.length);
  }

  /** A copy. */
  toArray(): string[] {
    return this.all.slice(0, this.length);
  }

  /** To be looked at at once: no copy where that can be. */
  get view(): readonly string[] {
    return this.all.length === this.length ? this.all : this.toArray();
  }
}
