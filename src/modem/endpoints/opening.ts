import { AtError, type Command, isRejection, within } from '../../at';
import type { OpenSocket } from '../../sockets';
import { QfwdError } from '../errors';
import type { Session } from '../link/session';

const PORT_IN_USE = 'the port is in use: choose another one, or close what has it';
const REFUSED = 'connection refused: does the host listen on this port?';
const NO_ANSWER = 'no answer in time: is the host there, and does a firewall let it answer?';
const NO_CONTEXT = 'the PDP context is not active: check the APN, and whether the module is registered';
const NO_RESOURCES =
  'the module has no resources left for it: close sockets that are not needed, or restart the module';

/** `result` when the socket id is in use. */
const ID_IN_USE = 563;

/** The manual does not define `result`. Modules use errno of Linux or the codes of AT+QIGETERROR. */
const MEANINGS = new Map([
  [98, PORT_IN_USE],
  [556, PORT_IN_USE],
  [101, 'the network cannot be reached'],
  [110, NO_ANSWER],
  [111, REFUSED],
  [113, 'the host cannot be reached'],
  [
    552,
    'the module rejects parameters that are right. Its TCP/IP stack may have failed, although it answers queries: ' +
      'restart the module (AT+CFUN=1,1), as nothing less helps',
  ],
  [553, NO_RESOURCES],
  [554, NO_RESOURCES],
  [561, NO_CONTEXT],
  [ID_IN_USE, 'the socket id is in use: leave it empty to have one chosen'],
  [564, 'the module is looking up another name: it is tried again'],
  [565, 'the name of the host was not found'],
  [566, REFUSED],
  [567, 'the peer closed the connection at once'],
  [568, 'the module is busy: it is tried again'],
  [569, NO_ANSWER],
  [570, NO_CONTEXT],
  [
    572,
    'the operator or the module does not allow it: does the SIM have data, is the APN right, and is another context ' +
      'active already, such as one of the operating system?',
  ],
  [573, 'there is no APN: set the one of the operator in the modem node'],
  [574, PORT_IN_USE],
]);

/** One attempt to open a server or a client. */
export interface Opening {
  readonly socket: OpenSocket;
  /** Asked once the PDP context is active, which takes up to minutes. @throws {QfwdError} when it is no longer wanted */
  readonly check?: (() => void) | undefined;
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
  const { socket, timeout, isListed } = opening;
  const { socketId } = socket;
  const obstacle = await session.prepare(socket);
  opening.check?.();
  if (obstacle !== 0) throw failure(obstacle);
  const report = session.openings.await(socketId);
  try {
    const isAnswered = await execute(session, opening);
    const patience = Math.min(opening.patience, timeout, isAnswered ? timeout : UNANSWERED_PATIENCE);
    const waits = isAnswered && patience < timeout ? [patience, timeout - patience] : [patience];
    for (const wait of waits) {
      const result = await within(session.clock, wait, report);
      if (result === 0) return;
      if (result !== undefined) {
        // An id that is in use may be somebody else's.
        if (session.commands.limits.keepsIds && result !== ID_IN_USE)
          await session.close(socketId).catch(() => undefined);
        throw failure(result);
      }
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
    session.openings.forget(socketId, report);
  }
}

/** Whether the listening port was in use. */
export function isPortInUse(error: unknown): boolean {
  return error instanceof QfwdError && MEANINGS.get(error.result ?? 0) === PORT_IN_USE;
}

/** Whether the id was in use. */
export function isIdInUse(error: unknown): boolean {
  return error instanceof QfwdError && error.result === ID_IN_USE;
}

function failure(result: number): QfwdError {
  const meaning = MEANINGS.get(result) ?? 'not opened: check address, port and PDP context';
  return new QfwdError('QFWD_OPEN_FAILED', `${meaning} (the module gave result ${result})`, { result });
}

/** Whether the module answered. Without an answer, the socket may still be open. */
async function execute(session: Session, { socket, command }: Opening): Promise<boolean> {
  try {
    await session.open(socket.socketId, command);
    return true;
  } catch (error) {
    if (error instanceof AtError && error.failure === 'timeout') return false;
    const result = isRejection(error) ? await session.whyRefused(socket.socketId, error.cme) : undefined;
    throw result ? failure(result) : error;
  }
}
