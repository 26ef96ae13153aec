/** A modem with a module of which a test determines every step. */
import {
  AllowList,
  type Connection,
  type Consumer,
  Modem,
  type ModemMemory,
  type ModemOptions,
  type QfwdError,
  type SocketEvent,
} from '../../src/modem';
import type { Clock } from '../../src/at';
import { qfwdFamily } from '../../src/qfwd';
import { ManualClock, settled } from './manual-clock';
import { MODEM_OPTIONS } from './modem/options';
import { SERVER_PORT, SocketModel, type SocketModelOptions } from './socket-model';

export interface SocketBenchOptions {
  readonly module?: SocketModelOptions;
  readonly modem?: Partial<ModemOptions>;
  /** Whether there is a second port. */
  readonly hasSecond?: boolean;
  readonly allow?: readonly string[];
  readonly maxClients?: number;
  /** Passed from one modem to the next of the same module. */
  readonly memory?: ModemMemory;
  /** The clock of the modem, derived from that of the bench. */
  readonly timersOf?: (clock: Clock) => Clock;
  /** The module of an earlier modem. */
  readonly model?: SocketModel;
}

/** Receives all data as it arrives, and keeps errors. */
export class Notes implements Consumer {
  readonly mode = 'auto';
  isHolding = false;
  readonly data = new Map<Connection, string>();
  readonly missed: { readonly connection: Connection; readonly error: QfwdError }[] = [];
  readonly ended: Connection[] = [];

  covers(): boolean {
    return true;
  }

  isPaused(): boolean {
    return this.isHolding;
  }

  take(connection: Connection, data: Buffer): void {
    this.data.set(connection, (this.data.get(connection) ?? '') + data.toString('latin1'));
  }

  end(connection: Connection): void {
    this.ended.push(connection);
  }

  miss(connection: Connection, error: QfwdError): void {
    this.missed.push({ connection, error });
  }

  /** Received data, by the remote end of its connection. */
  get byPeer(): Record<string, string> {
    const texts: Record<string, string> = {};
    for (const [{ ends }, text] of this.data) {
      const peer = `${ends?.ip}:${ends?.port}`;
      texts[peer] = (texts[peer] ?? '') + text;
    }
    return texts;
  }
}

export class SocketBench {
  readonly clock = new ManualClock();
  readonly model: SocketModel;
  readonly modem: Modem;
  readonly notes = new Notes();
  readonly events: SocketEvent[] = [];
  readonly problems: QfwdError[] = [];
  readonly warnings: string[] = [];

  constructor(private readonly options: SocketBenchOptions = {}) {
    const { module, modem, hasSecond, memory, model, timersOf = (clock: Clock) => clock } = options;
    this.model = model ?? new SocketModel(module);
    this.modem = new Modem(
      { ...MODEM_OPTIONS, ...modem },
      {
        transport: this.model.ports[0],
        secondTransport: hasSecond ? this.model.ports[1] : undefined,
        families: [qfwdFamily],
        clock: timersOf(this.clock),
        random: () => 0,
        ...(memory && { memory }),
      },
    );
    this.modem.on('problem', (error) => this.problems.push(error));
    this.modem.on('warning', (text) => this.warnings.push(text));
  }

  /** A modem with an open server, and a consumer for all data. */
  static async ready(options: SocketBenchOptions = {}): Promise<SocketBench> {
    const bench = new SocketBench(options);
    bench.modem.addConsumer(bench.notes);
    bench.declareServer();
    bench.modem.start();
    await bench.until(() => bench.events.some(({ event }) => event === 'server/open'));
    await bench.quiet();
    return bench;
  }

  declareServer(): void {
    const { allow, maxClients = 0 } = this.options;
    this.modem.endpoints.declareServer(
      'a server',
      {
        pdpCid: 0,
        ipVersion: 'IP',
        protocol: 'tcp',
        port: SERVER_PORT,
        backlog: 5,
        idleTimeout: 60,
        urcPort: 'usbat',
        maxClients,
        allow: new AllowList(allow),
      },
      true,
      {
        onEvent: (event) => this.events.push(event),
        onState: () => undefined,
        onError: () => undefined,
      },
    );
  }

  /** Does everything that can happen before time passes. */
  async quiet(): Promise<void> {
    await settled();
    for (let rounds = 0; this.model.settle(); rounds++) {
      if (rounds > 5000) throw new Error('the modem and the module talk without end');
      await settled();
    }
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.now() + ms;
    await this.quiet();
    while (this.clock.untilNext <= end - this.clock.now()) {
      await this.clock.advance(this.clock.untilNext);
      await this.quiet();
    }
    await this.clock.advance(end - this.clock.now());
    await this.quiet();
  }

  async until(holds: () => boolean): Promise<void> {
    for (let steps = 0; !holds(); steps++) {
      if (steps > 2000) throw new Error(`it did not happen; so far: ${JSON.stringify(this.events)}`);
      await this.pass(Math.min(100, this.clock.untilNext));
    }
  }

  /** The events so far, as `client/incoming 10.0.0.1:5555`. */
  get told(): string[] {
    return this.events.map((event) => {
      const peer = 'ip' in event ? ` ${event.ip}:${event.port}` : '';
      return `${event.event}${peer}`;
    });
  }

  /** Commands executed by both ports since the start, or since the last call. */
  commands(): string[] {
    return this.model.ports.flatMap(({ commands }) => commands.splice(0));
  }

  async stop(): Promise<void> {
    const state = { isStopped: false };
    void this.modem.stop().then(() => (state.isStopped = true));
    for (let waits = 0; !state.isStopped; waits++) {
      if (waits > 1000) throw new Error('it does not stop');
      await this.pass(100);
    }
  }
}
