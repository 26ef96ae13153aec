/** What these nodes read from messages, and what of a connection they put into them. */
import { isUint8Array } from 'node:util/types';
import { type Connection, type Ends, QfwdError, type SocketEvent, type SocketUrc } from '../../src/modem';
import { integer, isEmpty } from './settings';
import type { QfwdMessage } from './flow-node';

/** `msg.socketId`. @throws {QfwdError} `QFWD_INVALID` */
export function socketIdOf(message: QfwdMessage): number {
  if (isEmpty(message.socketId)) {
    throw new QfwdError('QFWD_INVALID', 'msg.socketId is missing: it says which connection is meant');
  }
  return integer(message, 'socketId', 1, 65535);
}

/** Whose connection data came from. */
export function originOf({
  socketId,
  serverId,
  ends,
}: Connection): Pick<Connection, 'socketId' | 'serverId'> & Partial<Ends> {
  return { socketId, ...(serverId !== undefined && { serverId }), ...ends };
}

/** An event with its fields, both as payload and, where messages have such properties, on the message itself. */
export function eventMessage({ event, ...fields }: SocketEvent | SocketUrc): {
  event: string;
  payload: object;
} {
  const addresses = Object.entries(fields).filter(([name]) => ADDRESSES.has(name));
  return { event, payload: fields, ...Object.fromEntries(addresses) };
}

const ADDRESSES = new Set(['socketId', 'serverId', 'ip', 'port', 'localIp', 'localPort']);

/**
 * A payload as the bytes to send: a Buffer as it is, text as UTF-8, numbers and booleans as text, objects as JSON.
 * @throws {QfwdError} `QFWD_INVALID` when there is nothing that could be sent
 */
export function toBytes(payload: unknown): Buffer {
  if (Buffer.isBuffer(payload)) return payload;
  // Those that a function node makes are of a class of its own.
  if (isUint8Array(payload)) return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  if (typeof payload === 'string') return Buffer.from(payload);
  if (typeof payload === 'number' || typeof payload === 'boolean') return Buffer.from(String(payload));
  if (typeof payload !== 'object' || payload === null) {
    throw new QfwdError(
      'QFWD_INVALID',
      'msg.payload must be a Buffer, text, number, boolean, object or array',
    );
  }
  try {
    return Buffer.from(JSON.stringify(payload));
  } catch (error) {
    throw new QfwdError('QFWD_INVALID', `msg.payload cannot be written as JSON: ${String(error)}`);
  }
}
