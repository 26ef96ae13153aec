/** Parameters of commands and responses: numbers, and strings in quotes (V.250 5.4.2). */

/** Text that cannot stand in a command line. */
export class InvalidParameter extends Error {
  override readonly name = 'InvalidParameter';
}

// Quotes end a string; control characters, among them CR, LF, Ctrl-Z and ESC, end a line or leave a data phase.
const FORBIDDEN = /["\p{Cc}]/u;

/**
 * A string parameter with its quotes.
 * @throws {InvalidParameter} when the text could end the string, the line, or a data phase
 */
export function quote(text: string): string {
  if (FORBIDDEN.test(text)) {
    throw new InvalidParameter(`${JSON.stringify(text)} must not hold quotes or control characters`);
  }
  return `"${text}"`;
}

/** The parameters after the colon of an information response or URC, without quotes. */
export function parseParameters(line: string): string[] {
  const text = line.slice(line.indexOf(':') + 1);
  if (!text.includes('"')) return parseBare(text);
  const parameters: string[] = [];
  for (const [, quoted, bare = ''] of text.matchAll(/\s*(?:"([^"]*)"[^,]*|([^,]*))(?:,|$)/g)) {
    parameters.push(quoted ?? bare.trim());
  }
  // The empty match at the end of the text is one too many.
  parameters.pop();
  return parameters;
}

/** The most frequent responses have numbers only. */
function parseBare(text: string): string[] {
  const parameters = text.split(',');
  if (parameters.at(-1) === '') parameters.pop();
  return parameters.map((it) => it.trim());
}

/** @throws {RangeError} when the text is no whole number */
export function integer(text: string | undefined): number {
  if (text === undefined || !/^\d{1,10}$/.test(text)) throw new RangeError(`"${text ?? ''}" is no number`);
  return Number(text);
}
