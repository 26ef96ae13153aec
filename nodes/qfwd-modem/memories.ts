/**
 * What a modem leaves to the next one of its module, by config node: in memory over a deploy, in the user directory over a
 * restart of Node-RED. What was read of a connection is nowhere else any more, so it is there at one place only: on the disk
 * while no modem runs.
 */
import { type ModemMemory, newMemory, type Peer } from '../../src/modem';
import { KeptMap } from './kept-map';

/** On the disk while a modem runs: who finds it at a start knows that the process before was killed. */
const RUNNING = 'running';

export class Memories {
  private readonly kept: KeptMap;
  private readonly live = new Map<string, ModemMemory>();

  /** @param folder where to keep them; without one they are forgotten when the process ends */
  constructor(folder: string | undefined) {
    this.kept = new KeptMap(folder, '.qfwd-memory.json');
  }

  /** Whether the last process with this modem was killed while it ran. */
  wasKilled(id: string): boolean {
    return !this.live.has(id) && this.kept.get(id) === RUNNING;
  }

  /** For a modem that runs from now on. */
  take(id: string): ModemMemory {
    const memory = this.live.get(id) ?? parse(this.kept.get(id)) ?? newMemory();
    this.live.set(id, memory);
    this.resume(id);
    return memory;
  }

  /** A modem that rested goes on, with the memory that it has. */
  resume(id: string): void {
    this.kept.set(id, RUNNING);
  }

  /** The modem rests, or is stopped: the process may end. */
  save(id: string): void {
    const memory = this.live.get(id);
    if (memory) this.kept.set(id, stored(memory));
  }

  delete(id: string): void {
    this.live.delete(id);
    this.kept.delete(id);
  }
}

/** `data` in Base64. */
interface StoredPiece {
  readonly data: string;
  readonly from?: Peer;
}

/** As JSON has it. */
interface Stored {
  readonly openedWith: readonly [owner: string, settings: string][];
  readonly unread: readonly [key: string, pieces: readonly StoredPiece[]][];
  readonly connections: ModemMemory['connections'];
  readonly highestAccepted: number;
  readonly missed: ModemMemory['missed'];
}

function stored({ openedWith, unread, connections, highestAccepted, missed }: ModemMemory): Stored {
  return {
    openedWith: [...openedWith],
    unread: [...unread].map(([key, pieces]) => [
      key,
      pieces.map(({ data, from }) => ({ data: data.toString('base64'), ...(from && { from }) })),
    ]),
    connections,
    highestAccepted,
    missed,
  };
}

/** `undefined` when it is not what was written. */
function parse(value: unknown): ModemMemory | undefined {
  try {
    const { openedWith, unread, connections, highestAccepted, missed } = value as Stored;
    return {
      openedWith: new Map(openedWith),
      unread: new Map(
        unread.map(([key, pieces]) => [
          key,
          pieces.map(({ data, from }) => ({ data: Buffer.from(data, 'base64'), ...(from && { from }) })),
        ]),
      ),
      connections: connections.filter(({ socketId }) => Number.isInteger(socketId)),
      highestAccepted: Number.isInteger(highestAccepted) ? highestAccepted : 0,
      missed: Array.isArray(missed) ? missed : [],
    };
  } catch {
    return undefined;
  }
}
