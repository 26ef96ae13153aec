/** Reads properties from messages, and writes properties of connections and events to them. */
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
export function eventMessage({ event, ...fields }: SocketEvent | SocketUrc): {
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

/**
 * Converts a payload to bytes: the bytes of a Buffer, an `ArrayBuffer` or any view are used as they are, strings become UTF-8,
 * numbers and booleans text, objects JSON (`JSON.stringify`).
 * @throws {QfwdError} `QFWD_INVALID` for any other type
 */
export function toBytes(payload: unknown): Buffer {
  const bytes = written(payload);
  if (bytes) return bytes;
  throw new QfwdError(
    'QFWD_INVALID',
    `msg.payload is ${quoted(payload)}: it must be a Buffer, text, number, boolean, or an object or array for JSON`,
  );
}

/** `undefined` if its type cannot be sent. @throws {QfwdError} if converting it throws */
function written(payload: unknown): Buffer | undefined {
  try {
    return bytesOf(payload);
  } catch (thrown) {
    throw new QfwdError('QFWD_INVALID', `msg.payload cannot be sent: ${messageOf(thrown)}`);
  }
}

/** A value from a function node belongs to another realm, so `instanceof` does not work. */
function bytesOf(payload: unknown): Buffer | undefined {
  if (typeof payload === 'string') return Buffer.from(payload);
  if (typeof payload === 'number' || typeof payload === 'boolean') return Buffer.from(String(payload));
  if (typeof payload !== 'object' || payload === null) return undefined;
  if (types.isAnyArrayBuffer(payload)) return Buffer.from(payload);
  if (ArrayBuffer.isView(payload)) {
    return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  }
  if (HAS_NO_JSON.some((is) => is(payload))) return undefined;
  const json = JSON.stringify(payload) as string | undefined;
  const isLost = json === undefined || (json === '{}' && !isPlain(payload));
  return isLost ? undefined : Buffer.from(json);
}

/** Objects whose content JSON would leave out. */
const HAS_NO_JSON = [types.isMap, types.isSet, types.isPromise, types.isNativeError];

/** Whether an object holds nothing but its properties. Those of a function node have a prototype of another realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
