/**
 * Socket ids: the host chooses those of servers and clients, the module those of accepted connections, from one range.
 * The driver derives an id from the owner, so that the next run recognizes sockets left open, and from the settings, so
 * that a socket opened with other settings is not mistaken for it. A family with few ids has none to spare for that.
 */
import type { Limits } from '../../sockets';
import { QfwdError } from '../errors';

/** How many ids are tried for an owner, and checked by the next run. */
export const ID_TRIES = 3;

/**
 * The first free id of this owner.
 * @param variant settings that the module does not list; other settings give other ids
 */
export function allocateSocketId(
  limits: Limits,
  owner: string,
  variant: string,
  isTaken: (socketId: number) => boolean,
): number {
  for (const socketId of idsOf(limits, owner, variant)) if (!isTaken(socketId)) return socketId;
  throw new QfwdError(
    'QFWD_OPEN_FAILED',
    'all sockets of the module are in use: close one that is not needed',
  );
}

/** The ids that this owner gets unless they are in use. */
export function likelySocketIds(limits: Limits, owner: string, variant: string): number[] {
  return [...idsOf(limits, owner, variant, limits.isScarce ? Infinity : ID_TRIES)];
}

function* idsOf(
  { socketIds, ownIds = socketIds, isScarce = false }: Limits,
  owner: string,
  variant: string,
  most = Infinity,
): Generator<number> {
  const [first, last] = ownIds;
  const count = last - first + 1;
  const start = isScarce ? 0 : hash(`${owner} ${variant}`) % count;
  for (let step = 0; step < Math.min(count, most); step++) yield first + ((start + step) % count);
}

/** Whether the id is in the range that only the driver uses. */
export function isOurs({ ownIds }: Limits, socketId: number): boolean {
  return ownIds !== undefined && socketId >= ownIds[0] && socketId <= ownIds[1];
}

/** @throws {QfwdError} `QFWD_INVALID` for an id that no socket of this module can have */
export function checkSocketId({ socketIds: [first, last] }: Limits, socketId: number): void {
  if (socketId >= first && socketId <= last) return;
  const text = `socketId ${socketId} is out of range: a socket of this module has ${first} to ${last}`;
  throw new QfwdError('QFWD_INVALID', text);
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}
