/** Reads responses to queries of the module. */
import { QfwdError } from '../errors';
import type { RawAnswer } from '../link/raw-command';

/** Executes a command. Rejects with a {@link QfwdError}. */
export type Ask = (command: string) => Promise<RawAnswer>;

/** The lines of the response; `undefined` on ERROR. */
export async function answer(ask: Ask, command: string): Promise<readonly string[] | undefined> {
  try {
    return (await ask(command)).lines;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

export function isRefusal(error: unknown): error is QfwdError {
  return error instanceof QfwdError && error.code === 'QFWD_REJECTED';
}

/** The parameters of the last line with the prefix; earlier lines and other lines may be URCs. */
export function parameters(lines: readonly string[] | undefined, prefix: string): string | undefined {
  return lines
    ?.filter((line) => line.startsWith(prefix))
    .at(-1)
    ?.slice(prefix.length)
    .trim();
}
