/** What is changed in a module and outlives the connection, such as a setting. */
import { type Command, plainCommand } from './command';

export interface Change {
  /** Shows it; changes nothing. */
  readonly query: Command<readonly string[]>;
  /**
   * The commands that undo it.
   * @param before lines of the response to the query
   * @param now the same, after the change
   */
  undo(before: readonly string[], now: readonly string[]): readonly string[];
}

/**
 * A setting that the module shows in the form in which it is set: `+CMEE: 1` is set by `AT+CMEE=1`.
 * @param query such as `AT+CMEE?`
 */
export function setting(query: string): Change {
  const [name = ''] = /\+\w+/.exec(query) ?? [];
  return {
    query: plainCommand(query, [`${name}:`]),
    undo: (before, now) =>
      before.filter((line) => !now.includes(line)).map((line) => `AT${line.replace(/:\s*/, '=')}`),
  };
}
