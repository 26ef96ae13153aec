/**
 * Socket ids of servers and clients are chosen by the host, those of accepted connections by the module, in one space.
 * Ours are high, where the module is not likely to choose, and depend on the owner, so that what was left open by a run
 * that ended is recognised by the next.
 */
const FIRST = 60_000;
const COUNT = 5000;

/** The id of this owner, or the next one that is not taken. */
export function allocateSocketId(owner: string, isTaken: (socketId: number) => boolean): number {
  const start = hash(owner) % COUNT;
  for (let step = 0; step < COUNT; step++) {
    const socketId = FIRST + ((start + step) % COUNT);
    if (!isTaken(socketId)) return socketId;
  }
  throw new RangeError('no socket id is free');
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
