/** Errors for payload that was not sent or not delivered, with advice for the user. */
import { AtError, isRejection } from '../../at';
import { commandName, connectionClosed, QfwdError, toQfwdError } from '../errors';
import type { Connection } from './connection';
import type { Message } from './message';
import type { SendBudget } from './send-budget';

/** @param sent number of bytes that the module had accepted */
export function closedFailure({ socketId, ends }: Connection, sent?: number): QfwdError {
  return connectionClosed(socketId, ends, { sent });
}

/** @param bytes size of the message that does not fit */
export function queueFull(budget: SendBudget, bytes: number): QfwdError {
  const { isCrowded, limit, messageLimit, messages, waiting } = budget;
  const found = isCrowded
    ? `${messages} of at most ${messageLimit} messages (one for each KB of the queue limit) are waiting already`
    : `${waiting} of at most ${limit} bytes are waiting already, and ${bytes} more are too much`;
  const text = `queue full: ${found}: send less at a time, or raise the queue limit of the modem node`;
  return new QfwdError('QFWD_QUEUE_FULL', text);
}

/** The data may have reached another connection: AT commands identify a connection only by its socket id. */
export function misledFailure({ socketId }: Connection): QfwdError {
  const text = `socket ${socketId} became another connection while this was sent, and that one may have received it`;
  return new QfwdError('QFWD_UNKNOWN_OUTCOME', text);
}

export function emptyDatagram(): QfwdError {
  const text = 'an empty datagram cannot be sent: a module takes one byte or more';
  return new QfwdError('QFWD_INVALID', text);
}

/** The module has not accepted all of a message. */
export function sendFailure(error: unknown, message: Message): QfwdError {
  const { connection, offset: sent, timeout, data } = message;
  if (error instanceof AtError && error.failure === 'cancelled') {
    if (connection.state === 'closed') return closedFailure(connection, sent);
    const text =
      `not sent in time: the module took ${sent} of ${data.length} bytes within ${Math.round(timeout)} ms: ` +
      'the peer may not be reading, or the line is too slow for so much';
    return new QfwdError('QFWD_TIMEOUT', text, { sent });
  }
  const failure = toQfwdError(error);
  const { code, message: text } = failure;
  const isUnknown = error instanceof AtError && error.mayHaveHappened;
  // If the link is lost between two pieces, the message is partly sent and must not be repeated either.
  if (isUnknown || (sent > 0 && code === 'QFWD_OFFLINE')) {
    const warning = `${text}, so the data may or may not have been sent, and is not sent again: check with the peer`;
    return new QfwdError('QFWD_UNKNOWN_OUTCOME', warning, { sent });
  }
  return failure.withMessage(text, { sent });
}

/**
 * The module has accepted all of the data, but delivery to the peer was not confirmed.
 * @param timeout of the confirmation, in ms
 * @param isAlive whether the module still has the connection
 */
export async function deliveryFailure(
  error: unknown,
  connection: Connection,
  timeout: number,
  isAlive: () => Promise<boolean>,
): Promise<QfwdError> {
  if (connection.state === 'closed') return closedFailure(connection);
  if (error instanceof AtError && error.failure === 'cancelled') {
    const text = `the peer had not received everything after ${Math.round(timeout)} ms: it may not be reading`;
    return new QfwdError('QFWD_TIMEOUT', text);
  }
  if (!isRejection(error)) return unconfirmed(toQfwdError(error));
  if (!(await isAlive())) return closedFailure(connection);
  return new QfwdError(
    'QFWD_UNSUPPORTED',
    `this firmware has no ${commandName(error)}, which reports what is left to be sent: do not wait for that`,
  );
}

function unconfirmed(error: QfwdError): QfwdError {
  if (error.code !== 'QFWD_OFFLINE') return error;
  return new QfwdError(
    'QFWD_UNKNOWN_OUTCOME',
    'the modem was lost after it took the data, which may or may not reach the peer, and is not sent again: check with the peer',
  );
}
