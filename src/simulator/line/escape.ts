const ESCAPE = '+++';
/** Silence in ms before and after the escape sequence (S12 of V.250). */
const GUARD = 1000;

/** Finds the escape sequence in the data of the online data state: three pluses with silence before and after them. */
export class EscapeDetector {
  readonly #data: (bytes: Buffer) => void;
  readonly #escaped: () => void;
  /** What may become the escape sequence. */
  #held = '';
  #timer: NodeJS.Timeout | undefined;
  #isSilent = true;

  /** `data` gets what is data; `escaped` is called after the silence. */
  constructor(data: (bytes: Buffer) => void, escaped: () => void) {
    this.#data = data;
    this.#escaped = escaped;
  }

  take(bytes: Buffer): void {
    const candidate = this.#held + bytes.toString('latin1');
    const mayEscape = this.#isSilent && ESCAPE.startsWith(candidate);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#silence(), GUARD);
    this.#held = mayEscape ? candidate : '';
    this.#isSilent = mayEscape;
    if (!mayEscape) this.#data(Buffer.from(candidate, 'latin1'));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #silence(): void {
    const held = this.#held;
    this.#held = '';
    this.#isSilent = true;
    if (held === ESCAPE) this.#escaped();
    else if (held !== '') this.#data(Buffer.from(held, 'latin1'));
  }
}
