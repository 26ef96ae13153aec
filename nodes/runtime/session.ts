/**
 * Which connection a message is about. The module uses socket ids again at once, and a flow takes its time: the answer to
 * somebody who has gone must not reach whoever has his socket id by then. So messages carry a `_session`, as those of
 * Node-RED's own network nodes do. It counts as long as `msg.socketId` is the one it was made for.
 */
import { compareEnds, type Connection, type Modem, QfwdError, runOf } from '../../src/modem';
import type { QfwdMessage } from './flow-node';
import { socketIdOf } from './messages';
import { optionalInteger, type Properties } from './settings';

interface Session {
  readonly type: 'qfwd';
  /** The id of the modem node. */
  readonly modem: string;
  readonly socketId: number;
  /** The remote end. */
  readonly ip: string;
  readonly port: number;
  /** See `Connection.id`; missing where the connection is over, or was never known. */
  readonly connection?: string;
}

/** Of a connection whose remote end is known. */
export function sessionOf(
  modem: Modem,
  { socketId, ip, port }: { readonly socketId?: number; readonly ip?: string; readonly port?: number },
  connection = socketId === undefined ? undefined : modem.occupant(socketId),
): { readonly _session?: Session } {
  if (socketId === undefined || ip === undefined || port === undefined) return {};
  const isIts = connection?.ends?.port === port && connection.ends.ip === ip;
  const id = isIts ? { connection: connection.id } : {};
  return { _session: { type: 'qfwd', modem: modem.id, socketId, ip, port, ...id } };
}

/** The connection that a message is meant for. @throws {QfwdError} `QFWD_INVALID`, `QFWD_OFFLINE` or `QFWD_CLOSED` */
export function connectionFor(message: QfwdMessage, modem: Modem): Connection {
  const connection = modem.connection(socketIdOf(message));
  refuseStranger(message, modem, connection);
  return connection;
}

/**
 * The socket id of the configuration, or else of the message.
 * @throws {QfwdError} `QFWD_INVALID`, or `QFWD_CLOSED` when it belongs to another connection by now
 */
export function socketIdFrom(properties: Properties, modem: Modem): (message: QfwdMessage) => number {
  const fixed = optionalInteger(properties, 'socketId', 1, 65535);
  if (fixed !== undefined) return () => fixed;
  return (message) => {
    const socketId = socketIdOf(message);
    const connection = modem.occupant(socketId);
    if (connection) refuseStranger(message, modem, connection);
    return socketId;
  };
}

function refuseStranger({ _session }: QfwdMessage, { id }: Modem, connection: Connection): void {
  const { socketId } = connection;
  const session = _session as Partial<Session> | null | undefined;
  const isBound = session?.type === 'qfwd' && session.modem === id && session.socketId === socketId;
  if (!isBound || isAbout(session, connection)) return;
  throw new QfwdError(
    'QFWD_CLOSED',
    `socket ${socketId} is another connection by now: the one that this message is about is closed`,
  );
}

/** A connection that this run found has another name than the run before gave it, and the same ends. */
function isAbout(session: Partial<Session>, { id, ends, isInherited }: Connection): boolean {
  if (session.connection === undefined) return false;
  if (session.connection === id) return true;
  const isOfThisRun = runOf(session.connection) === runOf(id);
  return isInherited && !isOfThisRun && compareEnds(session, ends) === 'same';
}
