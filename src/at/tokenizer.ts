import type { IsUnsolicited } from './exchange';
import { type Expectation, Scanner, type Token } from './scanner';
import { add, announced, isPdu, type Text, wholeLine } from './text';

/**
 * A scanner that gives a line together with the text that it announces: see {@link Text}. Until that has ended, nothing in
 * it is a line or a prompt of the module.
 */
export class Tokenizer {
  private readonly scanner = new Scanner();
  private text: Text | undefined;
  /** What came where a PDU should have been. */
  private instead: Token | undefined;

  constructor(private readonly isUnsolicited: IsUnsolicited) {}

  /** See {@link Scanner.feed}. */
  feed(chunk: Buffer): void {
    this.scanner.feed(chunk);
  }

  /** The next token, or `undefined` until more bytes are fed. */
  next(expected: Expectation): Token | undefined {
    for (;;) {
      if (!this.text) {
        const token = this.takeInstead() ?? this.scanner.next(expected);
        if (token?.type !== 'line') return token;
        this.text = announced(token.text, this.isUnsolicited);
        if (!this.text) return token;
      }
      if (this.text.form === 'pdu') return this.nextPdu(this.text, expected);
      const raw = this.scanner.rawLine();
      if (raw === undefined) return undefined;
      this.text = add(this.text, raw);
      if (this.text.isEnded) return this.takeText();
    }
  }

  /** See {@link Scanner.hasBareLineFeed}. */
  get hasBareLineFeed(): boolean {
    return this.scanner.hasBareLineFeed;
  }

  /** Whether more of a text may come. */
  get isTextOpen(): boolean {
    return this.text !== undefined;
  }

  /** Whether a line, or a text, has begun of which something is missing: it does not end where it is. */
  get isMidLine(): boolean {
    return this.scanner.isMidLine || (this.text?.said === '' && this.text.form !== 'string');
  }

  /** No more comes of the text: what there is of it is all. The rest of a line of it is no line of the module. */
  endText(): Token | undefined {
    if (this.text && this.scanner.isMidLine) this.scanner.dropLine();
    return this.takeText();
  }

  /** Forgets what is pending. */
  drop(): void {
    this.scanner.drop();
    this.text = undefined;
    this.instead = undefined;
  }

  /** The header, with its PDU if that comes. */
  private nextPdu(text: Text, expected: Expectation): Token | undefined {
    const token = this.scanner.next(expected);
    if (!token) return undefined;
    if (token.type === 'line' && isPdu(token.text)) this.text = { ...text, said: token.text };
    else this.instead = token;
    return this.takeText();
  }

  private takeText(): Token | undefined {
    const { text } = this;
    this.text = undefined;
    return text && { type: 'line', text: wholeLine(text), ...(text.doubtful > 0 && { isOpenEnded: true }) };
  }

  private takeInstead(): Token | undefined {
    const { instead } = this;
    this.instead = undefined;
    return instead;
  }
}
