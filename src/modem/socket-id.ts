/**
 * Socket ids of servers and clients are chosen by the host, those of accepted connections by the module, in one space.
 * Ours are high, where the module is not likely to choose, and depend on the owner, so that what was left open by a run
 * that ended is recognised by the next; and on its settings, so that it is not taken for what it is not.
 */
const FIRST = 60_000;
const COUNT = 5000;

/** How many ids of an owner are tried, and looked for by its next run. */
export const ID_TRIES = 3;

/**
 * The first of the ids of this owner that is not taken.
 * @param variant what the socket is opened with and the module does not list: with other settings it is another socket
 */
export function allocateSocketId(
  owner: string,
  variant: string,
  isTaken: (socketId: number) => boolean,
): number {
  for (const socketId of idsOf(owner, variant)) if (!isTaken(socketId)) return socketId;
  throw new RangeError('no socket id is free');
}

/** The ids that this owner may have got, if nobody was in its way much. */
export function likelySocketIds(owner: string, variant: string): number[] {
  return [...idsOf(owner, variant, ID_TRIES)];
}

function* idsOf(owner: string, variant: string, count = COUNT): Generator<number> {
  const start = hash(`${owner} ${variant}`) % COUNT;
  for (let step = 0; step < count; step++) yield FIRST + ((start + step) % COUNT);
}

/** Whether the driver, and nobody else, chooses such ids. */
export function isOurs(socketId: number): boolean {
  return socketId >= FIRST && socketId < FIRST + COUNT;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}
