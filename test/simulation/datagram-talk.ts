import type { Clock } from '../../src/at';
import type { MemoryDatagramSocket } from './network/memory-network';
import type { VisitPlan } from './plan';
import { record } from './record';

const ADDRESS = '127.0.0.1';

/** What a peer and the module send each other as datagrams, one record each, seen by the peer. */
export class DatagramTalk {
  /** Records that were written. */
  written = 0;
  /** Datagrams that came, in order. */
  readonly received: Buffer[] = [];
  /** Why not all that was written has to arrive. */
  readonly excuses = new Set<string>();
  /** When the last record was written. */
  lastAt = 0;
  /** Its own port. */
  readonly port: number;
  isOver = false;

  constructor(
    readonly label: string,
    private readonly socket: MemoryDatagramSocket,
    /** The module's port. */
    readonly remotePort: number,
    private readonly clock: Clock,
  ) {
    this.port = socket.address().port;
  }

  /** Writes the next records, one each `gap` ms. `beforeEach` is called before each of them. */
  write(count: number, gap: number, beforeEach: () => void, done: () => void): void {
    if (count === 0 || this.isOver) {
      done();
      return;
    }
    beforeEach();
    this.lastAt = this.clock.now();
    this.socket.send(record(this.label, this.written++), this.remotePort, ADDRESS, () => undefined);
    this.clock.after(gap, () => this.write(count - 1, gap, beforeEach, done));
  }

  /** Nobody is told of the end of a socket for datagrams. */
  end(how: VisitPlan['end']): void {
    if (how !== 'fin' && how !== 'stay') this.close();
  }

  close(): void {
    this.isOver = true;
    this.socket.close();
  }
}
