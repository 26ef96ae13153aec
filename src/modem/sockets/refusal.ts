import { type AtError, isRejection, testCommand } from '../../at';
import { isListed } from '../../sockets';
import { commandName, noSuchSocket, QfwdError, toQfwdError } from '../errors';
import type { Session } from '../link/session';

/**
 * Explains ERROR by asking whether the socket exists and the firmware has the command.
 * @param error the rejection
 */
export async function explainRefusal(
  session: Session,
  error: AtError,
  socketId?: number,
): Promise<QfwdError> {
  const name = commandName(error);
  try {
    if (socketId !== undefined && !isListed(await session.list(), socketId)) return noSuchSocket(socketId);
    await session.lines.execute(testCommand(name));
  } catch (second) {
    if (isRejection(second)) {
      return new QfwdError('QFWD_UNSUPPORTED', `this firmware has no ${name}: update it, or do without`);
    }
  }
  return toQfwdError(error);
}
