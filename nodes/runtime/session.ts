/**
 * Identifies the connection of a message. The module reuses socket ids immediately, so a late answer to a closed connection
 * could reach another connection with the same id. Messages therefore carry a `_session`, like those of Node-RED's own
 * network nodes. It is ignored if `msg.socketId` was changed.
 */
import { type Connection, type Modem, QfwdError } from '../../src/modem';
import { connectionClosed, peerInWords } from '../../src/modem/errors';
import type { QfwdMessage } from './flow-node';
import { socketIdOf } from './messages';
import { optionalInteger, type Properties } from './settings';

interface Session {
  readonly type: 'qfwd';
  /** The id of the modem node. */
  readonly modem: string;
  readonly socketId: number;
  /** Remote address and port. */
  readonly ip: string;
  readonly port: number;
  /** See `Connection.id`; missing of one that has closed. */
  readonly connection?: string;
}

/**
 * The session of a connection; empty if its remote end is unknown.
 * @param connection if known; default: the one that has the socket id now
 */
export function sessionOf(
  modem: Modem,
  { socketId, ip, port }: { readonly socketId?: number; readonly ip?: string; readonly port?: number },
  connection = socketId === undefined ? undefined : modem.occupant(socketId),
): { readonly _session?: Session } {
  if (socketId === undefined || ip === undefined || port === undefined) return {};
  const isShared = connection?.isShared === true;
  const isIts = isShared || (connection?.ends?.ip === ip && connection.ends.port === port);
  const id = isIts && { connection: connection.id };
  return { _session: { type: 'qfwd', modem: modem.id, socketId, ip, port, ...id } };
}

/** The connection that a message is meant for. @throws {QfwdError} `QFWD_INVALID`, `QFWD_OFFLINE` or `QFWD_CLOSED` */
export function connectionFor(message: QfwdMessage, modem: Modem): Connection {
  const socketId = socketIdOf(message);
  refuseStale(message, socketId, modem);
  return modem.connection(socketId);
}

/**
 * Gets the socket id from the configuration, or otherwise from the message.
 * @throws {QfwdError} `QFWD_INVALID`, or `QFWD_CLOSED` if the connection that the message belongs to has closed
 */
export function socketIdFrom(properties: Properties, modem: Modem): (message: QfwdMessage) => number {
  const fixed = optionalInteger(properties, 'socketId', 0, 65535);
  if (fixed !== undefined) return () => fixed;
  return (message) => {
    const socketId = socketIdOf(message);
    refuseStale(message, socketId, modem);
    return socketId;
  };
}

/** Refuses a message about a connection of another modem, or about one that has closed. */
function refuseStale({ _session }: QfwdMessage, socketId: number, modem: Modem): void {
  const session = _session as Partial<Session> | null | undefined;
  if (session?.type !== 'qfwd' || session.socketId !== socketId) return;
  if (session.modem !== modem.id) {
    throw new QfwdError(
      'QFWD_INVALID',
      `another modem has socket ${socketId}${peerInWords(session)}: choose that modem in this node, or set msg.socketId`,
    );
  }
  if (!modem.isOnline) return;
  const occupant = modem.occupant(socketId);
  if (occupant && occupant.id === session.connection) return;
  throw connectionClosed(socketId, session);
}
