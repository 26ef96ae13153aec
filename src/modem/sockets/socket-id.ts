/**
 * Socket ids of servers and clients are chosen by the host, those of accepted connections by the module, in one space.
 * Ours depend on the owner, so that what was left open by a run that ended is recognized by the next; and on its settings,
 * so that it is not taken for what it is not.
 */
import type { Limits } from '../../sockets';

/** How many ids of an owner are tried, and looked for by its next run. */
export const ID_TRIES = 3;

/**
 * The first of the ids of this owner that is not taken.
 * @param variant what the socket is opened with and the module does not list: with other settings it is another socket
 */
export function allocateSocketId(
  limits: Limits,
  owner: string,
  variant: string,
  isTaken: (socketId: number) => boolean,
): number {
  for (const socketId of idsOf(limits, owner, variant)) if (!isTaken(socketId)) return socketId;
  throw new RangeError('no socket id is free');
}

/** The ids that this owner has got, unless others were in its way. */
export function likelySocketIds(limits: Limits, owner: string, variant: string): number[] {
  return [...idsOf(limits, owner, variant, ID_TRIES)];
}

function* idsOf(
  { socketIds, ownIds = socketIds }: Limits,
  owner: string,
  variant: string,
  most = Infinity,
): Generator<number> {
  const [first, last] = ownIds;
  const count = last - first + 1;
  const start = hash(`${owner} ${variant}`) % count;
  for (let step = 0; step < Math.min(count, most); step++) yield first + ((start + step) % count);
}

/** Whether the driver, and nobody else, chooses such ids. */
export function isOurs({ ownIds }: Limits, socketId: number): boolean {
  return ownIds !== undefined && socketId >= ownIds[0] && socketId <= ownIds[1];
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}
