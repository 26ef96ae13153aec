/** Converts `msg.payload` to the bytes that are sent. */
import { types } from 'node:util';
import { QfwdError } from '../../src/modem';
import { messageOf, quoted } from '../../src/modem/errors';

/**
 * The bytes of a Buffer, an `ArrayBuffer` or any view are used as they are, strings become UTF-8, numbers and booleans text,
 * objects JSON (`JSON.stringify`).
 * @param limit in bytes. Longer text is not converted, and JSON not completed: it can be many times longer than the object.
 * @throws {QfwdError} `QFWD_INVALID` for any other type, `QFWD_QUEUE_FULL` for what is longer than the limit
 */
export function toBytes(payload: unknown, limit: number): Buffer {
  const bytes = written(payload, limit);
  if (bytes) return bytes;
  throw new QfwdError(
    'QFWD_INVALID',
    `msg.payload is ${quoted(payload)}: it must be a Buffer, text, number, boolean, or an object or array for JSON`,
  );
}

/** `undefined` if its type cannot be sent. @throws {QfwdError} if it is too long, or converting it throws */
function written(payload: unknown, limit: number): Buffer | undefined {
  try {
    return bytesOf(payload, limit);
  } catch (thrown) {
    if (thrown instanceof TooLong) throw thrown;
    throw new QfwdError('QFWD_INVALID', `msg.payload cannot be sent: ${messageOf(thrown)}`);
  }
}

class TooLong extends QfwdError {
  constructor(limit: number) {
    super(
      'QFWD_QUEUE_FULL',
      `queue full: msg.payload is longer than the limit of ${limit} bytes: send less at a time, or raise the queue limit of the modem node`,
    );
  }
}

/** A value from a function node belongs to another realm, so `instanceof` does not work. */
function bytesOf(payload: unknown, limit: number): Buffer | undefined {
  if (typeof payload === 'string') {
    // In UTF-8, no character is shorter.
    if (payload.length > limit) throw new TooLong(limit);
    return Buffer.from(payload);
  }
  if (typeof payload === 'number' || typeof payload === 'boolean') return Buffer.from(String(payload));
  if (typeof payload !== 'object' || payload === null) return undefined;
  if (types.isAnyArrayBuffer(payload)) return Buffer.from(payload);
  if (ArrayBuffer.isView(payload)) {
    return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  }
  if (HAS_NO_JSON.some((is) => is(payload))) return undefined;
  const json = jsonOf(payload, limit);
  const isLost = json === undefined || (json === '{}' && !isPlain(payload));
  return isLost ? undefined : Buffer.from(json);
}

/** Objects whose content JSON would leave out. */
const HAS_NO_JSON = [types.isMap, types.isSet, types.isPromise, types.isNativeError];

/** Gives up as soon as the JSON is certain to be longer than the limit. */
function jsonOf(payload: object, limit: number): string | undefined {
  let room = limit;
  const count = (_key: string, value: unknown): unknown => {
    room -= leastLength(value);
    if (room < 0 || holdsBuffer(value, room)) throw new TooLong(limit);
    return value;
  };
  return JSON.stringify(payload, count);
}

/** The length of its JSON at least, without that of the values in it. */
function leastLength(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return value.length;
    case 'object':
      return Array.isArray(value) || types.isTypedArray(value) ? value.length : 1;
    case 'number':
    case 'boolean':
      return 1;
    default:
      // May be left out.
      return 0;
  }
}

/** Whether there is a Buffer of more bytes in it: JSON.stringify makes an array of each before it can be counted. */
function holdsBuffer(value: unknown, bytes: number): boolean {
  if (typeof value !== 'object' || value === null || types.isTypedArray(value)) return false;
  return Object.values(value).some((held) => Buffer.isBuffer(held) && held.length > bytes);
}

/** Whether an object holds nothing but its properties. Those of a function node have a prototype of another realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
