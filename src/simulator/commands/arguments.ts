import { AtError } from '../errors';

/** Parses the parameters of a write command one by one; an invalid one ends the command with an error. */
export class Arguments {
  readonly #fields: string[];
  #next = 0;

  constructor(text: string) {
    const fields = text.match(/(?<=^|,)\s*(?:"[^"]*"|[^",]*)\s*(?=,|$)/g);
    if (fields?.join(',') !== text) throw new AtError(50);
    this.#fields = fields.map((field) => field.trim());
  }

  /** Number of parameters. */
  get count(): number {
    return this.#fields.length;
  }

  /** An unquoted integer; an omitted one has the value `missing`. */
  integer(min: number, max: number, missing?: number): number {
    const field = this.#take();
    if (field === '' && missing !== undefined) return missing;
    const value = /^\d+$/.test(field) ? Number(field) : NaN;
    if (!(value >= min && value <= max)) throw new AtError(50);
    return value;
  }

  /** A quoted string; an omitted one has the value `missing`. */
  string(missing?: string): string {
    const field = this.#take();
    if (field === '' && missing !== undefined) return missing;
    const text = /^"(.*)"$/s.exec(field)?.[1];
    if (text === undefined) throw new AtError(50);
    return text;
  }

  /** One of several quoted strings, case-insensitive; an omitted one has the value `missing`. */
  word<const W extends string>(words: readonly W[], missing?: W): W {
    if (missing !== undefined && (this.#fields[this.#next] ?? '') === '') {
      this.#next++;
      return missing;
    }
    const text = this.string().toLowerCase();
    const found = words.find((word) => word.toLowerCase() === text);
    if (found === undefined) throw new AtError(50);
    return found;
  }

  /** Whether any parameters are left. */
  get more(): boolean {
    return this.#next < this.#fields.length;
  }

  /** Skips one parameter of any kind. */
  any(): string {
    return this.#take();
  }

  /** Checks that no parameters are left. */
  end(): void {
    if (this.more) throw new AtError(50);
  }

  #take(): string {
    return this.#fields[this.#next++] ?? '';
  }
}
