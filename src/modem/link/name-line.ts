/**
 * The name in the response to a query such as AT+CGMM: names have no prefix, URCs have one. Some firmware repeats the
 * name of the command.
 */
export function nameIn(lines: readonly string[] | undefined, command: string): string | undefined {
  const prefix = `${command.slice('AT'.length)}:`;
  const line = lines?.find((it) => it.startsWith(prefix) || !it.startsWith('+'));
  return line?.replace(prefix, '').trim();
}
