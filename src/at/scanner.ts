/**
 * Splits the bytes from an AT port into tokens. No I/O, no timers.
 *
 *     feed(chunk) ─▶ [ pending bytes ] ─▶ next(expectation) ─▶ token | undefined
 *
 * The meaning of bytes depends on the context: `> ` is a prompt, or payload, or text. So the caller says what may be next,
 * and the scanner does not guess. The tokens do not depend on how the bytes are divided into chunks.
 */
export type Token =
  /**
   * A line without terminator and surrounding white space. Blank lines are dropped. If the line announces a text, it
   * includes it (see {@link Tokenizer}); `isOpenEnded`: lines that are not part of the text may have been included.
   */
  | { readonly type: 'line'; readonly text: string; readonly isOpenEnded?: boolean }
  /** `>`, in any of the forms `\r\n> `, `\r\n>` and `\r\n>\r\n`. */
  | { readonly type: 'prompt' }
  /**
   * Exactly the expected number of bytes, after the next byte was received. `isCut`: that byte is not CR, so bytes were
   * lost or changed on the line.
   */
  | { readonly type: 'block'; readonly data: Buffer; readonly isCut?: true }
  /** The module has echoed the body. */
  | { readonly type: 'echo' }
  /** Bytes that are no line of any module; dropped. */
  | { readonly type: 'noise'; readonly bytes: number };

/** What may be next instead of a line. */
export interface Expectation {
  /** A prompt. */
  readonly prompt?: boolean;
  /** Exactly this many raw bytes, directly after the previous line. */
  readonly block?: number;
  /** A line that ends with the character that this ends with. It begins at the begin of the line (`^`). */
  readonly inlineHeader?: RegExp;
  /** An echo of these bytes, before the response. */
  readonly echo?: Buffer | undefined;
}

/** Longer than any line of a module: more without a line end is noise. */
export const MAX_LINE_BYTES = 4096;

/** Longer than a length with the address of a sender. */
const MAX_HEADER_BYTES = 96;

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
  /** Where to continue the search for the end of the current line. */
  private searched = 0;
  private skipLineFeed = false;
  private inNoise = false;
  /** Whether the last line ended with LF alone, which no module sends. */
  hasBareLineFeed = false;

  /** Adds a chunk. It is copied only if bytes of an earlier one are pending. */
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
    return (expected.inlineHeader && this.inlineHeader(expected.inlineHeader)) ?? this.line();
  }

  /** The next line unchanged, with its white space and one character of its line end. Includes blank lines. */
  rawLine(): string | undefined {
    if (this.skipLineFeed && this.start < this.end) {
      if (this.buffer[this.start] === LF) this.consume(1);
      this.skipLineFeed = false;
    }
    const { buffer, start, end } = this;
    const at = this.endOfLine();
    // A line without an end is returned in pieces.
    const next = Math.min(at + 1, start + MAX_LINE_BYTES);
    if (next > end) return undefined;
    this.consume(next - start);
    return buffer.toString('utf8', start, next);
  }

  /** Treats the current line as noise, with the part that was not received yet. */
  dropLine(): void {
    this.consume(this.end - this.start);
    this.inNoise = true;
  }

  /** Whether the pending bytes are the beginning of a line. Call it when there is no further token. */
  get isMidLine(): boolean {
    return this.start < this.end || this.inNoise;
  }

  /** Discards the pending bytes. @returns how many they were */
  drop(): number {
    const dropped = this.end - this.start;
    this.consume(dropped);
    this.inNoise = false;
    this.skipLineFeed = false;
    return dropped;
  }

  /** The index of the line end, or of the end of the pending bytes. */
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

  private inlineHeader(header: RegExp): Token | undefined {
    const { buffer, start, end } = this;
    const [text] =
      header.exec(buffer.toString('latin1', start, Math.min(end, start + MAX_HEADER_BYTES))) ?? [];
    if (text === undefined) return undefined;
    this.consume(text.length);
    return { type: 'line', text: text.slice(0, -1) };
  }

  /** Drops the rest of a line that is noise. */
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

  /** Ends a line at its CR; the LF after it may not have been received yet. */
  private endLine(at: number): void {
    this.skipLineFeed = this.buffer[at] === CR;
    this.consume(at + 1 - this.start);
  }

  private block(length: number): Token | undefined {
    if (this.end - this.start <= length) return undefined;
    const isCut = this.buffer[this.start + length] !== CR;
    // A copy, so that a message of five bytes does not keep a read buffer of 64 KB in memory.
    const data = Buffer.from(this.buffer.subarray(this.start, this.start + length));
    this.consume(length);
    return isCut ? { type: 'block', data, isCut } : { type: 'block', data };
  }

  /**
   * White space around the body is ignored, because the prompt may end with some, and a Ctrl-Z may be echoed or not. Only
   * what follows shows whether it is an echo: a response may begin like the body, as `SEND OK` does with the body `S`.
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
