import { AtError, type Command, within } from '../../at';
import { QfwdError } from '../errors';
import type { Session } from '../link/session';

const PORT_IN_USE = 'the port is in use: choose another one, or close what has it';
const REFUSED = 'connection refused: does the host listen on this port?';
const NO_ANSWER = 'no answer in time: is the host there, and does a firewall let it answer?';
const NO_CONTEXT = 'the PDP context is not active: check the APN, and whether the module is registered';

/** The manual does not define `result`. Modules use errno of Linux or the codes of AT+QIGETERROR. */
const MEANINGS = new Map([
  [98, PORT_IN_USE],
  [556, PORT_IN_USE],
  [101, 'the network cannot be reached'],
  [110, NO_ANSWER],
  [111, REFUSED],
  [113, 'the host cannot be reached'],
  [561, NO_CONTEXT],
  [565, 'the name of the host was not found'],
  [566, REFUSED],
  [569, NO_ANSWER],
  [570, NO_CONTEXT],
]);

/** One attempt to open a server or a client. */
export interface Opening {
  readonly socketId: number;
  readonly command: Command<void>;
  /** Maximum time from OK to the open URC, in ms. */
  readonly timeout: number;
  /** Delay before the lists are checked for a lost URC, in ms. */
  readonly patience: number;
  /** Whether the module lists the socket. */
  readonly isListed: () => Promise<boolean>;
}

/** An unanswered command may not have reached the module, so the wait for its URC is shorter. In ms. */
const UNANSWERED_PATIENCE = 10_000;

/**
 * Resolves when the module confirms the socket as open: by the URC, before or after OK, or by its lists.
 * @throws {AtError} as the command does
 * @throws {QfwdError} `QFWD_OPEN_FAILED` or `QFWD_TIMEOUT`
 */
export async function openSocket(session: Session, opening: Opening): Promise<void> {
  const { socketId, timeout, isListed } = opening;
  const report = session.awaitOpen(socketId);
  try {
    const isAnswered = await execute(session, opening);
    const patience = Math.min(opening.patience, timeout, isAnswered ? timeout : UNANSWERED_PATIENCE);
    const waits = isAnswered && patience < timeout ? [patience, timeout - patience] : [patience];
    for (const wait of waits) {
      const result = await within(session.clock, wait, report);
      if (result === 0) return;
      if (result !== undefined) throw failure(result);
      if (!(await isListed())) continue;
      session.noteSilence();
      return;
    }
    // No caller waits any more, so a late opening is undone.
    session.close(socketId).catch(() => undefined);
    throw new QfwdError(
      'QFWD_TIMEOUT',
      `the module did not say within ${timeout} ms whether the socket is open`,
    );
  } finally {
    session.forgetOpen(socketId, report);
  }
}

function failure(result: number): QfwdError {
  const meaning = MEANINGS.get(result) ?? 'not opened: check address, port and PDP context';
  return new QfwdError('QFWD_OPEN_FAILED', `${meaning} (the module gave result ${result})`, { result });
}

/** Whether the module answered. Without an answer, the socket may still be open. */
async function execute(session: Session, { socketId, command }: Opening): Promise<boolean> {
  try {
    await session.open(socketId, command);
    return true;
  } catch (error) {
    if (error instanceof AtError && error.failure === 'timeout') return false;
    throw error;
  }
}
