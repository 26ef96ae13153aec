/** What a flow does with connections and their data. */
import { type Connection, type Consumer, type Modem, QfwdError } from '../../src/modem';
import type { Peer } from '../../src/sockets';
import type { Dice } from './dice';
import { type Dispatch, KILLED } from './dispatch';
import type { Ledger } from './ledger';
import type { Flow } from './plan';
import { records } from './record';
import type { SimulationClock } from './simulation-clock';

/** Timeout of a message, in ms. */
export const MESSAGE_TIMEOUT = 30_000;
/** How much later its end may be told: the response to its last command is awaited. */
const GRACE = 20_000;

const EVERY = 700;
/** How many datagrams answer one. */
const MOST_DATAGRAMS = 3;

export class FlowNode implements Consumer {
  readonly mode;
  private readonly paused = new Set<number>();
  private readonly taken = new Map<string, number>();
  private readonly asked = new Set<string>();
  /** Of the last datagram of a socket that is one for all its peers. */
  private readonly senders = new Map<string, Peer>();
  private readonly pending = new Set<Dispatch>();
  private isGone = false;

  constructor(
    private readonly modem: Modem,
    private readonly kind: Flow,
    private readonly ledger: Ledger,
    private readonly clock: SimulationClock,
    private readonly dice: Dice,
    /** Shared by successive flows, so that no number is used twice. */
    private readonly numbers: Map<string, number>,
  ) {
    this.mode = kind === 'request' ? ('onRequest' as const) : ('auto' as const);
    modem.addConsumer(this);
    this.tick();
  }

  /** Does nothing by itself any more. */
  rest(): void {
    this.isGone = true;
  }

  leave(): void {
    this.isGone = true;
    this.modem.removeConsumer(this);
  }

  /** Its process was killed: what became of its messages is not known. */
  die(): void {
    this.isGone = true;
    for (const dispatch of this.pending) dispatch.outcome = KILLED;
    this.pending.clear();
  }

  covers(): boolean {
    return true;
  }

  isPaused({ socketId }: Connection): boolean {
    return this.paused.has(socketId);
  }

  take(connection: Connection, data: Buffer, from?: Peer): void {
    this.note(connection, data, from);
    if (this.kind === 'echo') this.send(connection, 1 + Math.floor(data.length / 64));
    if (this.kind === 'slow') this.clock.after(EVERY, () => this.isGone || this.send(connection, 1));
    if (this.kind === 'pausing') this.pause(connection);
    if (this.kind === 'closing') this.closeAfter(connection, data.length);
  }

  end(connection: Connection): void {
    this.paused.delete(connection.socketId);
  }

  miss(connection: Connection, { discarded }: QfwdError): void {
    this.ledger.miss(connection);
    // Whose it was is not known.
    if (discarded !== undefined) this.ledger.problems++;
  }

  /** Speaks first: the peer of a UDP client has not heard of it yet. */
  greet(connection: Connection): void {
    this.send(connection, 1);
  }

  private note(connection: Connection, data: Buffer, from?: Peer): void {
    if (from) this.senders.set(connection.id, from);
    this.ledger.take(connection, data, from);
  }

  private tick(): void {
    this.clock.after(EVERY, () => {
      if (this.isGone) return;
      for (const connection of this.modem.connections()) {
        if (this.kind === 'source' && connection.hasPeer && this.dice.chance(0.3))
          this.send(connection, this.dice.from(1, 40));
        if (this.kind === 'request') void this.ask(connection);
      }
      this.tick();
    });
  }

  private async ask(connection: Connection): Promise<void> {
    // One at a time, and only what is still this connection.
    if (this.asked.has(connection.id)) return;
    this.asked.add(connection.id);
    try {
      const { data, from } = await this.modem.read(connection.socketId, undefined, () =>
        this.ledger.miss(connection),
      );
      if (data.length > 0) this.note(connection, data, from);
    } catch (error) {
      if (codeOf(error) === 'QFWD_UNKNOWN_OUTCOME') this.ledger.miss(connection);
    }
    this.asked.delete(connection.id);
  }

  private pause(connection: Connection): void {
    const { socketId } = connection;
    this.paused.add(socketId);
    this.clock.after(EVERY, () => {
      this.paused.delete(socketId);
      if (!this.isGone) this.modem.resumeReading();
    });
  }

  private closeAfter(connection: Connection, bytes: number): void {
    // The socket of all peers of a server is the server.
    if (connection.isShared) return;
    const sum = (this.taken.get(connection.id) ?? 0) + bytes;
    this.taken.set(connection.id, sum);
    if (sum < 640) return;
    this.ledger.cutShort(connection);
    this.modem.requests.closeConnection(connection).catch(() => undefined);
  }

  private send(connection: Connection, count: number): void {
    if (connection.protocol === 'tcp') {
      this.dispatch(connection, count, this.ledger.dispatches);
      return;
    }
    const to = this.senders.get(connection.id);
    for (let left = Math.min(count, MOST_DATAGRAMS); left > 0; left--)
      this.dispatch(connection, 1, this.ledger.datagrams.dispatches, to);
  }

  private dispatch(connection: Connection, count: number, all: Dispatch[], to?: Peer): void {
    const label = this.ledger.labelOf(connection);
    const first = this.numbers.get(label) ?? 0;
    this.numbers.set(label, first + count);
    const port = to?.port ?? (connection.isShared ? undefined : connection.ends?.port);
    const dispatch: Dispatch = { label, first, count, port };
    all.push(dispatch);
    this.pending.add(dispatch);
    const started = this.clock.awake;
    const settle = (outcome: string, taken = 0): void => {
      if (!this.pending.delete(dispatch)) return;
      Object.assign(dispatch, { outcome, taken });
      const took = this.clock.awake - started;
      if (took > MESSAGE_TIMEOUT + GRACE) this.ledger.breach(`a message ended after ${took} ms`);
    };
    this.modem.send(connection, records(label, first, count), MESSAGE_TIMEOUT, to).then(
      () => settle('sent'),
      (error: unknown) => settle(codeOf(error), error instanceof QfwdError ? takenOf(error) : 0),
    );
  }
}

function codeOf(error: unknown): string {
  return error instanceof QfwdError ? error.code : String(error);
}

function takenOf(error: QfwdError): number {
  return error.sent ?? 0;
}
