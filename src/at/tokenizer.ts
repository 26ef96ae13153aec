import type { IsUnsolicited } from './exchange';
import { type Expectation, Scanner, type Token } from './scanner';
import { add, announced, isPdu, type Text, wholeLine } from './text';

/**
 * A scanner that returns a line together with the text that the line announces, see {@link Text}. Nothing in the text is
 * taken for a line or a prompt.
 */
export class Tokenizer {
  private readonly scanner = new Scanner();
  private text: Text | undefined;
  /** The token received instead of a PDU. */
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

  /** Whether a text may be incomplete. */
  get isTextOpen(): boolean {
    return this.text !== undefined;
  }

  /** Whether a line or a text is certainly incomplete. */
  get isMidLine(): boolean {
    return this.scanner.isMidLine || (this.text?.said === '' && this.text.form !== 'string');
  }

  /** Ends the text with what was received of it. The rest of an incomplete line in it is dropped. */
  endText(): Token | undefined {
    if (this.text && this.scanner.isMidLine) this.scanner.dropLine();
    return this.takeText();
  }

  /** Discards what is pending. */
  drop(): void {
    this.scanner.drop();
    this.text = undefined;
    this.instead = undefined;
  }

  /** The header, with its PDU if there is one. */
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
