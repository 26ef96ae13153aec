import { integer } from '../at';
import type { Limits } from '../sockets';
import { MAX_LENGTH } from './commands';

export const LIMITS: Limits = {
  socketIds: [1, 65_535],
  // High ids, which the module is unlikely to choose.
  ownIds: [60_000, 64_999],
  receiveLength: MAX_LENGTH,
  datagramLength: MAX_LENGTH,
};

/** @throws {RangeError} when the text is no whole number, or none that a socket can have */
export function socketIdIn(text: string | undefined): number {
  const id = integer(text);
  if (!isSocketId(id)) throw new RangeError(`no socket has the id ${id}`);
  return id;
}

export function isSocketId(id: number): boolean {
  const [first, last] = LIMITS.socketIds;
  return id >= first && id <= last;
}
