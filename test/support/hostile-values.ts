/** Values that other code may throw, or pass in place of other types: reading any of their properties may fail. */

const unreadable = (): never => {
  throw Object.create(null);
};

const traps: ProxyHandler<object> = {
  get: unreadable,
  getPrototypeOf: unreadable,
  getOwnPropertyDescriptor: unreadable,
  has: unreadable,
  ownKeys: unreadable,
};

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function circular(): object {
  const value: Record<string, unknown> = {};
  value.self = value;
  return value;
}

function detached(): ArrayBuffer {
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

/** Each one with a description. */
export const HOSTILE_VALUES: readonly (readonly [what: string, value: unknown])[] = [
  ['null', null],
  ['undefined', undefined],
  ['a symbol', Symbol('x')],
  ['a function', () => 1],
  ['an object without a prototype', Object.create(null)],
  ['an object that contains itself', circular()],
  ['a proxy whose traps throw', new Proxy({}, traps)],
  ['a proxy that is revoked', revoked()],
  ['an error whose text cannot be read', Object.defineProperty(new Error(), 'message', { get: unreadable })],
  ['an error that is no error', Object.setPrototypeOf(new Error('x'), new Proxy({}, traps))],
  ['an object whose text cannot be read', { message: 1, toString: unreadable, toJSON: unreadable }],
  ['an object whose tag cannot be read', Object.defineProperty({}, Symbol.toStringTag, { get: unreadable })],
  ['a detached array', detached()],
  ['five million characters', 'x'.repeat(5_000_000)],
  ['an error of five million characters', new Error('x'.repeat(5_000_000))],
];

/** Gives an object a property that throws this when it is read. */
export function throwing(object: object, property: string, thrown: unknown): object {
  const get = (): never => {
    throw thrown;
  };
  return Object.defineProperty(object, property, { get, enumerable: true, configurable: true });
}
