/**
 * An immutable list of lines that share one array: each list is a view of its first `length` elements, so adding a line
 * copies nothing.
 */
export class LineList {
  static readonly EMPTY = new LineList([], 0, 0);

  private constructor(
    private readonly all: string[],
    readonly length: number,
    /** Total length of all lines. */
    readonly characters: number,
  ) {}

  /** The list with one more line. */
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

  /** For immediate use only; not copied where possible. */
  get view(): readonly string[] {
    return this.all.length === this.length ? this.all : this.toArray();
  }
}
