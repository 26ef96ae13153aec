import { ByteQueue } from '../byte-queue';

const CTRL_Z = 0x1a;
const ESC = 0x1b;

export interface BodyRules {
  /** The data ends after this many bytes; if missing, only at Ctrl-Z. */
  readonly length?: number;
  /** Limit in bytes. If there are more, they are discarded and the data is too long. */
  readonly limit: number;
  /** Whether Ctrl-Z ends and ESC cancels the data phase, or only ESC does; otherwise both are data. */
  readonly controls: boolean | 'escape';
  /** Whether the data is echoed. */
  readonly echo?: boolean;
  /** Milliseconds after which the data phase ends, whatever was received; if missing, never. */
  readonly timeout?: number;
}

export type Body = { readonly data: Buffer } | 'cancelled' | 'too-long' | 'timed-out';

/** Collects the data after a prompt. */
export class DataPhase {
  readonly #rules: BodyRules;
  readonly #kept = new ByteQueue();
  #seen = 0;

  constructor(rules: BodyRules) {
    this.#rules = rules;
  }

  take(input: Buffer): { used: number; body?: Body } {
    const { length = Infinity, limit, controls } = this.#rules;
    const part = input.subarray(0, Math.min(input.length, length - this.#seen));
    const stop = firstOf(part, ...stops(controls));
    const data = stop < 0 ? part : part.subarray(0, stop);

    this.#seen += data.length;
    if (this.#seen <= limit) this.#kept.push(data);
    if (stop >= 0) return { used: stop + 1, body: part[stop] === ESC ? 'cancelled' : this.#body() };
    return this.#seen >= length ? { used: part.length, body: this.#body() } : { used: part.length };
  }

  #body(): Body {
    return this.#seen > this.#rules.limit ? 'too-long' : { data: this.#kept.take(this.#seen) };
  }
}

function stops(controls: BodyRules['controls']): number[] {
  if (controls === 'escape') return [ESC];
  return controls ? [CTRL_Z, ESC] : [];
}

function firstOf(bytes: Buffer, ...wanted: number[]): number {
  const found = wanted.map((byte) => bytes.indexOf(byte)).filter((index) => index >= 0);
  return found.length === 0 ? -1 : Math.min(...found);
}
