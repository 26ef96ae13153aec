/**
 * Which connection a message is about. The module uses socket ids again at once, and a flow takes its time: the answer to
 * somebody who has gone must not reach whoever has his socket id by then. So messages carry a `_session`, as those of
 * Node-RED's own network nodes do. It counts as long as `msg.socketId` is the one it was made for.
 */
import { type Connection, type Modem, QfwdError } from '../../src/modem';
import type { QfwdMessage } from './flow-node';
import { socketIdOf } from './messages';
import { optionalInteger, type Properties } from './settings';

interface Session {
  readonly type: 'qfwd';
  /** The id of the modem node. */
  readonly modem: string;
  readonly socketId: number;
  /** Of the remote end. */
  readonly port: number;
}

/** Of a connection whose remote end is known. */
export function sessionOf(
  { id: modem }: Modem,
  { socketId, port }: { readonly socketId?: number; readonly port?: number },
): { readonly _session?: Session } {
  if (socketId === undefined || port === undefined) return {};
  return { _session: { type: 'qfwd', modem, socketId, port } };
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
    const connection = modem.connections().find((it) => it.socketId === socketId);
    if (connection) refuseStranger(message, modem, connection);
    return socketId;
  };
}

function refuseStranger({ _session }: QfwdMessage, { id }: Modem, connection: Connection): void {
  const { socketId } = connection;
  const session = _session as Partial<Session> | null | undefined;
  const isBound = session?.type === 'qfwd' && session.modem === id && session.socketId === socketId;
  if (!isBound || connection.isSame(session)) return;
  throw new QfwdError(
    'QFWD_CLOSED',
    `socket ${socketId} is another connection by now: the one that this message is about is closed`,
  );
}
