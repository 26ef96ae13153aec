/**
 * Bytes of an AT port in, tokens out. No I/O, no timers.
 *
 *     feed(chunk) ─▶ [ pending bytes ] ─▶ next(what is legal now) ─▶ token | undefined
 *
 * The same bytes mean different things at different moments: `> ` is a prompt, or payload, or text. So whoever
 * pulls a token says what may come, and the scanner never has to guess. Whatever the chunking, the tokens are the same.
 */
export type Token =
  /**
   * A line without its terminator. Blank lines are dropped; leading and trailing white space too. With the text that it
   * announces, if it does (see {@link Tokenizer}): `isOpenEnded` when more may have been taken for that than is of it.
   */
  | { readonly type: 'line'; readonly text: string; readonly isOpenEnded?: boolean }
  /** `>`, in any of the forms `\r\n> `, `\r\n>` and `\r\n>\r\n`. */
  | { readonly type: 'prompt' }
  /**
   * Exactly the bytes asked for, once the byte after them is there. `isCut`: that one is no CR, so the data has another
   * length than announced: bytes were lost on the line, or changed.
   */
  | { readonly type: 'block'; readonly data: Buffer; readonly isCut?: true }
  /** The body came back as the module's echo. */
  | { readonly type: 'echo' }
  /** Bytes that cannot be a line of any module; dropped. */
  | { readonly type: 'noise'; readonly bytes: number };

/** What may come next, besides a line. */
export interface Expectation {
  /** A prompt may come. */
  readonly prompt?: boolean;
  /** Exactly this many raw bytes come now, right after the line before. */
  readonly block?: number;
  /** These bytes may be echoed before the answer. */
  readonly echo?: Buffer | undefined;
}

/** Longer than any line of a module; what has no end by then is noise. */
export const MAX_LINE_BYTES = 4096;

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const PROMPT = 0x3e;

export class Scanner {
  private buffer: Buffer = Buffer.alloc(0);
  private start = 0;
  private end = 0;
  /** False while `buffer` is the caller's chunk, which must not be written to. */
  private owned = false;
  /** Where the search for the end of the current line goes on. */
  private searched = 0;
  private skipLineFeed = false;
  private inNoise = false;
  /** Whether the last line ended with LF alone, as no module ends it. */
  hasBareLineFeed = false;

  /** Takes over a chunk. It is not copied unless bytes of an earlier one are still pending. */
  feed(chunk: Buffer): void {
    if (this.start === this.end) {
      this.buffer = chunk;
      this.owned = false;
      this.start = 0;
      this.end = chunk.length;
      this.searched = 0;
    } else {
      this.append(chunk);
    }
  }

  /** The next token, or `undefined` until more bytes are fed. */
  next(expected: Expectation): Token | undefined {
    if (this.skipLineFeed && this.start < this.end) {
      if (this.buffer[this.start] === LF) this.consume(1);
      this.skipLineFeed = false;
    }
    if (expected.block !== undefined) return this.block(expected.block);
    if (this.inNoise) return this.noise();
    this.skipWhiteSpace();
    if (this.start === this.end) return undefined;
    if (expected.echo) {
      const echo = this.echo(expected.echo);
      if (echo !== 'no') return echo;
    }
    if (expected.prompt && this.buffer[this.start] === PROMPT) {
      this.consume(1);
      return { type: 'prompt' };
    }
    return this.line();
  }

  /** The next line as it is: with its white space and the one character that ends it. Blank lines are lines, too. */
  rawLine(): string | undefined {
    if (this.skipLineFeed && this.start < this.end) {
      if (this.buffer[this.start] === LF) this.consume(1);
      this.skipLineFeed = false;
    }
    const { buffer, start, end } = this;
    const at = this.endOfLine();
    // What has no end is handed on in pieces.
    const next = Math.min(at + 1, start + MAX_LINE_BYTES);
    if (next > end) return undefined;
    this.consume(next - start);
    return buffer.toString('utf8', start, next);
  }

  /** What there is of a line, and the rest of it when it comes, is noise. */
  dropLine(): void {
    this.consume(this.end - this.start);
    this.inNoise = true;
  }

  /** Whether a line has begun and not ended, when no more tokens are there. */
  get isMidLine(): boolean {
    return this.start < this.end || this.inNoise;
  }

  /** Forgets what is pending and returns how many bytes that was. */
  drop(): number {
    const dropped = this.end - this.start;
    this.consume(dropped);
    this.inNoise = false;
    this.skipLineFeed = false;
    return dropped;
  }

  /** Where the line ends, or all that is there. */
  private endOfLine(): number {
    const { buffer, end } = this;
    let at = Math.max(this.searched, this.start);
    while (at < end && buffer[at] !== CR && buffer[at] !== LF) at++;
    this.searched = at;
    return at;
  }

  private line(): Token | undefined {
    const { buffer, end } = this;
    const at = this.endOfLine();
    if (at - this.start > MAX_LINE_BYTES) {
      this.inNoise = true;
      return this.noise();
    }
    if (at === end) return undefined;
    const text = buffer.toString('utf8', this.start, at).trimEnd();
    this.hasBareLineFeed = buffer[at] === LF;
    this.endLine(at);
    return { type: 'line', text };
  }

  /** Drops the rest of a line that is none. */
  private noise(): Token | undefined {
    const { buffer, start, end } = this;
    if (start === end) return undefined;
    let at = start;
    while (at < end && buffer[at] !== CR && buffer[at] !== LF) at++;
    if (at < end) {
      this.inNoise = false;
      this.endLine(at);
    } else {
      this.consume(at - start);
    }
    return { type: 'noise', bytes: at - start };
  }

  /** Ends a line at its CR at once; the LF of a CR LF may be still on its way. */
  private endLine(at: number): void {
    this.skipLineFeed = this.buffer[at] === CR;
    this.consume(at + 1 - this.start);
  }

  private block(length: number): Token | undefined {
    if (this.end - this.start <= length) return undefined;
    const isCut = this.buffer[this.start + length] !== CR;
    // A copy: a message must not keep a 64 KB read buffer alive for the sake of five bytes.
    const data = Buffer.from(this.buffer.subarray(this.start, this.start + length));
    this.consume(length);
    return isCut ? { type: 'block', data, isCut } : { type: 'block', data };
  }

  /**
   * White space around the body is not compared: the prompt's tail looks just like it, and a Ctrl-Z may be echoed or not.
   * What follows it shows whether it is one: an answer that begins with the body, as `SEND OK` does with `S`, is none.
   */
  private echo(body: Buffer): Token | undefined | 'no' {
    let from = 0;
    let to = body.length;
    while (from < to && (body[from] ?? 0) <= SPACE) from++;
    while (from < to && (body[to - 1] ?? 0) <= SPACE) to--;
    const wanted = to - from;
    if (wanted === 0) return 'no';
    const available = Math.min(wanted, this.end - this.start);
    if (body.compare(this.buffer, this.start, this.start + available, from, from + available) !== 0)
      return 'no';
    if (this.start + wanted >= this.end) return undefined;
    const after = this.buffer[this.start + wanted] ?? 0;
    if (after >= SPACE && after !== body[to]) return 'no';
    this.consume(wanted);
    return { type: 'echo' };
  }

  private skipWhiteSpace(): void {
    const { buffer, end } = this;
    let at = this.start;
    while (at < end && (buffer[at] ?? 0) <= SPACE) at++;
    this.consume(at - this.start);
  }

  private consume(bytes: number): void {
    this.start += bytes;
    this.searched = Math.max(this.searched, this.start);
  }

  private append(chunk: Buffer): void {
    const pending = this.end - this.start;
    const needed = pending + chunk.length;
    if (!this.owned || this.end + chunk.length > this.buffer.length) {
      const target =
        this.owned && needed * 2 <= this.buffer.length ? this.buffer : Buffer.allocUnsafe(needed * 2);
      this.buffer.copy(target, 0, this.start, this.end);
      this.buffer = target;
      this.owned = true;
      this.searched = Math.max(0, this.searched - this.start);
      this.start = 0;
      this.end = pending;
    }
    chunk.copy(this.buffer, this.end);
    this.end += chunk.length;
  }
}
