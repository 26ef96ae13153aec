import { type AtError, isRejection, plainCommand } from '../../at';
import { isListed } from '../../sockets';
import { commandName, noSuchSocket, QfwdError, toQfwdError } from '../errors';
import type { Session } from '../link/session';

/**
 * ERROR says little: whether there is such a socket, and such a command, is asked for.
 * @param error the refusal
 */
export async function explainRefusal(
  session: Session,
  error: AtError,
  socketId?: number,
): Promise<QfwdError> {
  const name = commandName(error);
  try {
    if (socketId !== undefined && !isListed(await session.list(), socketId)) return noSuchSocket(socketId);
    await session.lines.execute(plainCommand(`${name}=?`, [`${name.slice('AT'.length)}:`]));
  } catch (second) {
    if (isRejection(second)) {
      return new QfwdError('QFWD_UNSUPPORTED', `this firmware has no ${name}: update it, or do without`);
    }
  }
  return toQfwdError(error);
}
