import { parseSettings } from './tcpip/settings';

/** One option: its default, a parser for untrusted values (undefined = invalid), and texts for documentation and errors. */
export interface Option<T> {
  readonly default: T;
  readonly allowed: string;
  readonly doc: string;
  readonly parse: (value: unknown) => T | undefined;
}

const FLAGS = new Map<unknown, boolean>([
  [true, true],
  ['true', true],
  ['1', true],
  [false, false],
  ['false', false],
  ['0', false],
]);

export function flag(value: boolean, doc: string): Option<boolean> {
  return { default: value, allowed: 'true or false', doc, parse: (given) => FLAGS.get(given) };
}

export function integer(value: number, min: number, max: number, doc: string): Option<number> {
  return {
    default: value,
    allowed: `an integer from ${min} to ${max}`,
    doc,
    parse(given) {
      const number = typeof given === 'string' && /^\s*\d+\s*$/.test(given) ? Number(given) : given;
      const fits = typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max;
      return fits ? number : undefined;
    },
  };
}

/** One of several strings; the first is the default. CR and LF may be written as `\r` and `\n`. */
export function choice<const T extends string>(values: readonly [T, ...T[]], doc: string): Option<T> {
  return {
    default: values[0],
    allowed: values.map((value) => JSON.stringify(value)).join(' or '),
    doc,
    parse(given) {
      if (typeof given !== 'string') return undefined;
      const plain = given.replaceAll('\\r', '\r').replaceAll('\\n', '\n');
      return values.find((value) => value === plain);
    },
  };
}

export function text(value: string, doc: string, pattern = /^.*$/, allowed = 'text'): Option<string> {
  return {
    default: value,
    allowed,
    doc,
    parse(given) {
      const string = typeof given === 'number' ? String(given) : given;
      return typeof string === 'string' && pattern.test(string) ? string : undefined;
    },
  };
}

/** Settings of AT+QICFG, such as `viewmode=1;dataformat=1,1`. */
export function settings(doc: string): Option<string> {
  return {
    default: '',
    allowed: 'keys of AT+QICFG with values, separated by semicolons',
    doc,
    parse: (given) => (typeof given === 'string' && parseSettings(given) ? given : undefined),
  };
}
