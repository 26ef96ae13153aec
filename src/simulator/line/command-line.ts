const CR = 0x0d;
const NOTHING = Buffer.alloc(0);

/** Maximum length of a command line. A longer line is truncated to one character more, so that its reader can detect it. */
export const MAX_LINE = 2048;

export interface Taken {
  /** How many bytes of the input were consumed. */
  readonly used: number;
  /** The echo for ATE1. */
  readonly echo: Buffer;
  /** A complete command line without "AT" and CR. */
  readonly line?: string;
}

/**
 * Finds command lines in the input from a host (V.250, 5.2): bytes before "AT" are ignored and not echoed, LF is ignored,
 * CR ends the line.
 *
 *     junk ──"A"──▶ maybe ──"T"──▶ line ──CR──▶ (a line) ──▶ junk
 */
export class CommandLine {
  #state: 'junk' | 'maybe' | 'line' = 'junk';
  #text = '';
  /** An "A" that may be the start of "AT". */
  #first = '';

  /** Consumes bytes up to and including the CR that completes a line. */
  take(input: Buffer): Taken {
    const start = this.#findPrefix(input);
    if (this.#state !== 'line') return { used: input.length, echo: NOTHING };

    const cr = input.indexOf(CR, start.at);
    const end = cr < 0 ? input.length : cr;
    const used = cr < 0 ? end : end + 1;
    const echo = Buffer.concat([Buffer.from(start.prefix, 'latin1'), input.subarray(start.at, used)]);
    const more = input.toString('latin1', start.at, end).replaceAll('\n', '');
    this.#text = (this.#text + more).slice(0, MAX_LINE + 1);
    if (cr < 0) return { used, echo };

    const line = this.#text;
    this.reset();
    return { used, echo, line };
  }

  reset(): void {
    this.#state = 'junk';
    this.#text = '';
    this.#first = '';
  }

  /** The position after "AT" in `input`, and this "AT" in its original case. */
  #findPrefix(input: Buffer): { at: number; prefix: string } {
    let prefix = this.#first;
    let at = 0;
    for (; at < input.length && this.#state !== 'line'; at++) {
      const character = String.fromCharCode(input[at] ?? 0);
      if (/[aA]/.test(character)) {
        this.#state = 'maybe';
        prefix = character;
      } else if (this.#state === 'maybe' && /[tT]/.test(character)) {
        this.#state = 'line';
        prefix += character;
      } else {
        this.#state = 'junk';
      }
    }
    this.#first = this.#state === 'maybe' ? prefix : '';
    return { at, prefix };
  }
}
