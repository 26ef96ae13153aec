import { plainCommand } from '../at';
import { isRejection, noSuchSocket, QfwdError, toQfwdError } from './errors';
import type { Session } from './session';
import { isListed, survey } from './survey';

/**
 * ERROR says little: whether there is such a socket, and such a command, is asked for.
 * @param name of the command, without AT+
 * @param error the refusal
 */
export async function explainRefusal(
  session: Session,
  name: string,
  error: unknown,
  socketId?: number,
): Promise<QfwdError> {
  try {
    if (socketId !== undefined && !isListed(await survey(session), socketId)) return noSuchSocket(socketId);
    await session.execute(plainCommand(`AT+${name}=?`, [`+${name}:`]));
  } catch (second) {
    if (isRejection(second)) {
      return new QfwdError('QFWD_UNSUPPORTED', `this firmware has no AT+${name}: update it, or do without`);
    }
  }
  return toQfwdError(error);
}
