/** What these nodes read from messages, and what of a connection they put into them. */
import { types } from 'node:util';
import { type Connection, type Ends, QfwdError, type SocketEvent, type SocketUrc } from '../../src/modem';
import { messageOf, quoted } from '../../src/modem/errors';
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
 * A payload as the bytes to send: those of a Buffer, of an ArrayBuffer and of any view of one as they are, text as UTF-8,
 * numbers and booleans as text, objects as `JSON.stringify` writes them.
 * @throws {QfwdError} `QFWD_INVALID` when there is nothing that could be sent
 */
export function toBytes(payload: unknown): Buffer {
  const bytes = written(payload);
  if (bytes) return bytes;
  throw new QfwdError(
    'QFWD_INVALID',
    `msg.payload must be a Buffer, text, number, boolean, or an object or array for JSON, but it is ${quoted(payload)}`,
  );
}

/** `undefined` when there is no way to write it. @throws {QfwdError} when it cannot be written */
function written(payload: unknown): Buffer | undefined {
  try {
    return bytesOf(payload);
  } catch (thrown) {
    throw new QfwdError('QFWD_INVALID', `msg.payload cannot be sent: ${messageOf(thrown)}`);
  }
}

/** Classes are not asked for by prototype: those of a function node are not those of this module. */
function bytesOf(payload: unknown): Buffer | undefined {
  if (typeof payload === 'string') return Buffer.from(payload);
  if (typeof payload === 'number' || typeof payload === 'boolean') return Buffer.from(String(payload));
  if (typeof payload !== 'object' || payload === null) return undefined;
  if (types.isAnyArrayBuffer(payload)) return Buffer.from(payload);
  if (ArrayBuffer.isView(payload)) {
    return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  }
  if (IS_EMPTY_JSON.some((is) => is(payload))) return undefined;
  const json = JSON.stringify(payload) as string | undefined;
  return json === undefined ? undefined : Buffer.from(json);
}

/** Objects of which JSON would keep nothing. */
const IS_EMPTY_JSON = [
  types.isMap,
  types.isSet,
  types.isWeakMap,
  types.isWeakSet,
  types.isPromise,
  types.isNativeError,
  types.isRegExp,
];
