/** One command of a line: `+QFWDSEND=1,0` is `{ name: '+QFWDSEND', form: 'write', args: '1,0' }`. */
export interface ParsedCommand {
  readonly name: string;
  readonly form: 'execute' | 'read' | 'test' | 'write';
  readonly args: string;
}

/**
 * Splits a command line into its commands (V.250, 5.3): basic commands (`E0`, `&F`, `S3=13`) follow each other directly, an extended
 * command (`+CSQ`) ends at `;` or at the end of the line. Returns undefined if the line is invalid.
 */
export function splitCommands(line: string): ParsedCommand[] | undefined {
  const commands: ParsedCommand[] = [];
  for (let rest = line.trim(); rest !== '';) {
    const extended = /^(\+[A-Z0-9]+)(=\?|\?|=((?:[^;"]|"[^"]*"?)*))?(?:;|$)/i.exec(rest);
    const register = /^(S\d+)(\?|=(\d*));?/i.exec(rest);
    const basic = /^(&?[A-Z])(\d*);?/i.exec(rest);
    if (register) commands.push(extendedCommand(register[1] ?? '', register[2] ?? '', register[3] ?? ''));
    else if (extended)
      commands.push(extendedCommand(extended[1] ?? '', extended[2] ?? '', extended[3] ?? ''));
    else if (basic) commands.push({ name: upper(basic[1]), form: 'execute', args: basic[2] ?? '' });
    const found = register ?? extended ?? basic;
    if (!found) return undefined;
    rest = rest.slice(found[0].length).trimStart();
  }
  return commands;
}

function extendedCommand(name: string, suffix: string, args: string): ParsedCommand {
  const form = suffix === '' ? 'execute' : suffix === '?' ? 'read' : suffix === '=?' ? 'test' : 'write';
  return { name: upper(name), form, args };
}

const upper = (text = ''): string => text.toUpperCase();
