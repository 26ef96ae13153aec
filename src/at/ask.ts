import type { Command } from './command';
import { isRejection } from './errors';

/** Executes a command; `undefined` when the module answered ERROR. Rejects with an `AtError` for any other failure. */
export type Ask = <T>(command: Command<T>) => Promise<T | undefined>;

/** @param execute rejects with an `AtError` */
export function asking(execute: <T>(command: Command<T>) => Promise<T>): Ask {
  return (command) =>
    execute(command).catch((error: unknown) => {
      if (isRejection(error)) return undefined;
      throw error;
    });
}

/** The response to a test command that was asked twice. */
export interface TestResponse {
  readonly lines: readonly string[];
  /** Both responses were the same: none of them was the response to a command of another program. */
  readonly isCertain: boolean;
}

/** Asks a test command, and again if the module knows it; `undefined` if it does not. Rejects with an `AtError`. */
export async function askTwice(
  ask: Ask,
  command: Command<readonly string[]>,
): Promise<TestResponse | undefined> {
  const lines = await ask(command);
  if (!lines) return undefined;
  const again = await ask(command);
  return { lines, isCertain: again?.join('\n') === lines.join('\n') };
}
