/** What the benchmark asks of everything that it compares. Each runs in a process of its own; see `worker.ts`. */

export const CONTENDERS = [
  'bare',
  'driver',
  'nodes',
  'forward',
  'inward',
  'outward',
  'serial-nodes',
] as const;
/**
 * - `bare`: a script over `serialport` that knows what comes back and parses nothing: the floor of any driver written on it
 * - `driver`: this driver, without Node-RED
 * - `nodes`: this driver in Node-RED, with function nodes as source and sink
 * - `forward`: the same with receive wired to send, so that every peer gets back what it sends
 * - `inward`, `outward`: this driver with a forwarded port, between the peers and a socket of its own process
 * - `serial-nodes`: Node-RED's serial nodes around a function node that speaks AT, the way without this driver
 */
export type ContenderName = (typeof CONTENDERS)[number];

/** The socket commands of the module. */
export type FamilyName = 'qfwd' | 'tcpip';

export interface SendJob {
  readonly socketIds: readonly number[];
  /** Bytes to each socket. */
  readonly bytes: number;
  /** Length of one message. */
  readonly message: number;
  /** Payload with bytes that must not go raw, so that it goes as HEX. */
  readonly isHostile: boolean;
}

export interface Contender {
  /**
   * Opens the AT port and a TCP server of the module; resolves once that listens. `outward` has the module connect to
   * the port instead.
   * @param second another AT port, where one is to be used at the same time
   */
  open(tty: string, port: number, second?: string): Promise<void>;
  /**
   * Resolves when the module has taken it all.
   * @param isHostile whether it holds what must not go raw
   */
  send(socketId: number, data: Buffer, isHostile: boolean): Promise<unknown>;
  readonly inbound: Inbound;
  /** Measures the firmware, where the contender can. */
  calibrate?(): Promise<void>;
}

/** Milliseconds on a clock that all processes of this machine share. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Counts what is received. */
export class Inbound {
  private due = 0;
  private done: ((at: number) => void) | undefined;
  /** Bytes by socket id, where the contender knows it. */
  readonly shares = new Map<number, number>();

  add(bytes: number, socketId?: number): void {
    if (socketId !== undefined) this.shares.set(socketId, (this.shares.get(socketId) ?? 0) + bytes);
    this.due -= bytes;
    this.look();
  }

  /** Resolves when so many bytes more have been received, with the moment of the last; see {@link now}. */
  next(bytes: number): Promise<number> {
    this.due += bytes;
    return new Promise((resolve) => {
      this.done = resolve;
      this.look();
    });
  }

  private look(): void {
    if (this.due > 0 || !this.done) return;
    this.done(now());
    this.done = undefined;
  }
}

/** Messages on their way to one socket, so that it never runs dry and no queue overflows. */
const WINDOW = 64;

/** Sends all of a job. Resolves with the moments at which messages were taken; see {@link now}. */
export async function sendAll(
  contender: Contender,
  { socketIds, bytes, message, isHostile }: SendJob,
): Promise<number[]> {
  const taken: number[] = [];
  const data = payload(message, isHostile);
  const window = Math.max(1, Math.min(WINDOW / socketIds.length, bytes / message));
  const feed = async (socketId: number): Promise<void> => {
    let left = bytes;
    const worker = async (): Promise<void> => {
      while (left > 0) {
        const next = data.subarray(0, Math.min(left, message));
        left -= next.length;
        await contender.send(socketId, next, isHostile);
        taken.push(now());
      }
    };
    await Promise.all(Array.from({ length: Math.floor(window) }, worker));
  };
  await Promise.all(socketIds.map(feed));
  return taken;
}

/** Letters, which every driver may send raw; hostile ones begin with Ctrl-Z and ESC. */
export function payload(length: number, isHostile: boolean): Buffer {
  const bytes = Buffer.alloc(length, 'abcdefghijklmnopqrstuvwxyz');
  // One in every piece that a driver might cut.
  if (isHostile) for (let at = 0; at < length; at += 256) bytes.write('\x1a\x1b', at, 'latin1');
  return bytes;
}
