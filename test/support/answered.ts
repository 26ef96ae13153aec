import type { Command } from '../../src/at';
import { begin, expected, outcome, take } from '../../src/at/exchange';
import { Scanner } from '../../src/at/scanner';
import * as qfwd from '../../src/qfwd/urc';

/**
 * The result of a command, with everything that the module sends after it.
 * @throws {AtError}
 */
export function answered<T>(
  command: Command<T>,
  said: Buffer | string,
  isUnsolicited = qfwd.isUnsolicited,
  onUnsolicited: (line: string) => void = () => undefined,
): T {
  const scanner = new Scanner();
  scanner.feed(typeof said === 'string' ? Buffer.from(said, 'latin1') : said);
  let state = begin(command);
  for (;;) {
    const token = scanner.next(expected(state));
    if (!token || state.phase === 'done') return outcome(state) as T;
    const step = take(state, token, isUnsolicited);
    if (step.unsolicited !== undefined) onUnsolicited(step.unsolicited);
    state = step.state;
  }
}
