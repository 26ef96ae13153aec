import { masked } from '../../src/at';

/** Takes what must not be seen out of a text for people. */
export type Redaction = (text: string) => string;

/** Hides the parameters of these command lines wherever they stand in a text, as they are or as an error quotes them. */
export function redaction(lines: readonly string[]): Redaction {
  const replacements = lines.flatMap((line) => {
    const parameters = line.indexOf('=') + 1;
    if (parameters === 0) return [];
    const shown = `${line.slice(0, parameters)}…`;
    return [line, masked(line)]
      .flatMap((form) => [form, JSON.stringify(form).slice(1, -1)])
      .map((form) => [form, shown] as const);
  });
  return (text) => replacements.reduce((rest, [form, shown]) => rest.replaceAll(form, () => shown), text);
}
