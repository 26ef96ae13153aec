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
