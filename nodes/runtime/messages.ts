/** Reads properties from messages, and writes properties of connections and events to them. */
import type { ForwardEvent } from '../../src/forward';
import { type Connection, type Ends, QfwdError, type SocketEvent, type SocketUrc } from '../../src/modem';
import { integer, isEmpty } from './settings';
import type { QfwdMessage } from './flow-node';

/** `msg.socketId`. @throws {QfwdError} `QFWD_INVALID` */
export function socketIdOf(message: QfwdMessage): number {
  if (isEmpty(message.socketId)) {
    throw new QfwdError('QFWD_INVALID', 'msg.socketId is missing: it says which connection is meant');
  }
  return integer(message, 'socketId', 0, 65535);
}

/** Message properties of the connection that data came from. */
export function originOf({
  socketId,
  serverId,
  ends,
}: Connection): Pick<Connection, 'socketId' | 'serverId'> & Partial<Ends> {
  return { socketId, ...(serverId !== undefined && { serverId }), ...(ends && told(ends)) };
}

/** An event with its fields, both as payload and, where messages have such properties, on the message itself. */
export function eventMessage({ event, ...fields }: SocketEvent | SocketUrc | ForwardEvent): {
  event: string;
  payload: object;
} {
  const payload = told(fields);
  const addresses = Object.entries(payload).filter(([name]) => ADDRESSES.has(name));
  return { event, payload, ...Object.fromEntries(addresses) };
}

/** The fields without those of the local end that the module does not tell. */
export function told<Fields extends object>(fields: Fields): Fields {
  const isTold = ([name, value]: [string, unknown]) =>
    (name !== 'localIp' || value !== '') && (name !== 'localPort' || value !== 0);
  return Object.fromEntries(Object.entries(fields).filter(isTold)) as Fields;
}

const ADDRESSES = new Set(['socketId', 'serverId', 'ip', 'port', 'localIp', 'localPort']);
