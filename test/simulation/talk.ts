import type { Clock } from '../../src/at';
import type { MemorySocket } from './network/memory-socket';
import type { VisitPlan } from './plan';
import { record } from './record';

/** What is between two ends: one TCP connection, seen by the peer. */
export class Talk {
  /** Records that were written. */
  written = 0;
  private readonly chunks: Buffer[] = [];
  /** Why not all that is on its way has to arrive; see {@link Ledger}. */
  readonly excuses = new Set<string>();
  /** When its connection was closed. */
  overAt: number | undefined;
  /** Its own port. */
  readonly port: number;
  private isEnding = false;

  constructor(
    readonly label: string,
    readonly socket: MemorySocket,
    private readonly clock: Clock,
    /** The owner of the client of the module that has connected to it. */
    readonly host?: string,
  ) {
    this.port = socket.localPort;
    socket.on('error', () => this.excuses.add('reset'));
    socket.on('data', (chunk: Buffer) => this.chunks.push(chunk));
    socket.on('close', () => (this.overAt = clock.now()));
    // A peer that is told that the other side has ended, ends as well.
    socket.on('end', () => this.finish());
  }

  get isOver(): boolean {
    return this.overAt !== undefined;
  }

  get received(): Buffer {
    return Buffer.concat(this.chunks);
  }

  /** Writes the next records, one each `gap` ms. */
  write(count: number, gap: number, done: () => void): void {
    if (count === 0 || this.isEnding || this.socket.destroyed) {
      done();
      return;
    }
    this.socket.write(record(this.label, this.written++));
    this.clock.after(gap, () => this.write(count - 1, gap, done));
  }

  /** Does not read until then. */
  holdBack(ms: number): void {
    this.socket.pause();
    this.clock.after(ms, () => this.socket.resume());
  }

  end(how: VisitPlan['end']): void {
    if (how === 'stay') return;
    if (how === 'fin') this.finish();
    else this.excuses.add(how);
    if (how === 'close') this.socket.destroy();
    if (how === 'reset') this.socket.resetAndDestroy();
    if (how === 'vanish') this.socket.cut();
  }

  private finish(): void {
    if (!this.isEnding) this.socket.end();
    this.isEnding = true;
  }
}
