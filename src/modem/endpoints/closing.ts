import { isRejection } from '../../at';
import { orOffline, QfwdError, toQfwdError } from '../errors';
import type { Declared } from '../sockets/declared';
import type { EndpointHost } from './endpoint-host';

/**
 * Closes the socket of an endpoint, also while it is being opened.
 * @param isListed asks whether the module lists the socket
 * @throws {QfwdError}
 */
export async function closeSocket(
  host: EndpointHost,
  endpoint: Declared,
  socketId: number,
  isListed: () => Promise<boolean>,
): Promise<void> {
  const { session } = host.current;
  const isOpen = endpoint.heldId !== undefined;
  try {
    if (!session) host.leave(endpoint, socketId);
    session?.openings.abandon(socketId, closedWhileOpening());
    if (endpoint.layer) await host.endLayer(socketId);
    await orOffline(session).close(socketId);
  } catch (error) {
    // After ERROR: a socket being opened may not exist yet, and an open one may be gone already.
    if (!isRejection(error) || (isOpen && (await isListed()))) throw toQfwdError(error);
  } finally {
    host.onClosed(endpoint, socketId);
  }
}

/** A call has closed the endpoint while another one was opening it. */
export function closedWhileOpening(): QfwdError {
  return new QfwdError('QFWD_CLOSED', 'the socket was closed while it was being opened');
}
