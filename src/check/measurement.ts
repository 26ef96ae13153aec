/** Round trip and throughput over a connection of the module to itself. */
import { type Clock, within } from '../at';
import { AllowList, type Connection, type Consumer, type Modem, SILENT } from '../modem';

/** Times in ms, rates in bytes per second. */
export interface Measurement {
  /** From writing AT to OK. */
  readonly commandRoundTrip?: number;
  /** One byte from one end of the connection to the other. */
  readonly dataRoundTrip?: number;
  /** From the client to the server, which share one line to the module. */
  readonly clientToServer?: number;
  readonly serverToClient?: number;
  /** Why no more could be measured. */
  readonly obstacle?: string;
}

const SERVER = 'qfwd-check server';
const CLIENT = 'qfwd-check client';
const LOCALHOST = '127.0.0.1';
/** Above the ephemeral ports of Linux, and not those of the calibration. */
const PORT = 60_900;
const SAMPLES = 9;
const PIECE = Buffer.alloc(4096, 'qfwd-check ');
/** Each direction ends after so many bytes or ms. */
const MOST_BYTES = 128 * 1024;
const MOST_MS = 5000;
/** For one send, and for what was sent to arrive. */
const PATIENCE = 20_000;

/** Takes all data of the two ends, and counts it. */
class Counter implements Consumer {
  readonly mode = 'auto';
  readonly lengths = new Map<Connection, number>();
  private wake: () => void = () => undefined;

  covers({ owner }: Connection): boolean {
    return owner === SERVER || owner === CLIENT;
  }

  isPaused(): boolean {
    return false;
  }

  take(connection: Connection, data: Buffer): void {
    this.lengths.set(connection, this.of(connection) + data.length);
    this.wake();
  }

  end(): void {
    this.wake();
  }

  miss(): void {
    this.wake();
  }

  of(connection: Connection): number {
    return this.lengths.get(connection) ?? 0;
  }

  async until(connection: Connection, length: number): Promise<void> {
    while (this.of(connection) < length) await new Promise<void>((resolve) => (this.wake = resolve));
  }
}

/** Never rejects. The sockets are closed by `modem.stop`. */
export async function measure(modem: Modem, clock: Clock, withSockets: boolean): Promise<Measurement> {
  const found: { -readonly [Name in keyof Measurement]: Measurement[Name] } = {};
  try {
    found.commandRoundTrip = await median(clock, () => modem.requests.raw('AT'));
    if (!withSockets) return found;
    const counter = new Counter();
    modem.addConsumer(counter);
    const { near, far } = await connect(modem, clock);
    const bench = { modem, clock, counter };
    found.dataRoundTrip = await median(clock, () => transfer(bench, near, far, Buffer.from('x')));
    found.clientToServer = await throughput(bench, near, far);
    found.serverToClient = await throughput(bench, far, near);
  } catch (error) {
    found.obstacle = (error as Error).message;
  }
  return found;
}

async function connect(modem: Modem, clock: Clock): Promise<{ near: Connection; far: Connection }> {
  const { pdpCid, urcPort } = modem.options;
  const common = { pdpCid, urcPort, ipVersion: 'IP', protocol: 'tcp', port: PORT } as const;
  const serving = { ...common, backlog: 1, idleTimeout: 600, maxClients: 1, allow: new AllowList() };
  const calling = { ...common, host: LOCALHOST, reconnect: false };
  await modem.endpoints.declareServer(SERVER, serving, false, SILENT).open(serving);
  await modem.endpoints.declareClient(CLIENT, calling, false, SILENT).open(calling);
  const endOf = (owner: string): Connection | undefined =>
    modem.connections().find((connection) => connection.owner === owner);
  for (const deadline = clock.now() + PATIENCE; clock.now() < deadline;) {
    const [near, far] = [endOf(CLIENT), endOf(SERVER)];
    if (near && far) return { near, far };
    await new Promise<void>((resolve) => void clock.after(50, resolve));
  }
  throw new Error('the module has not connected to its own server');
}

interface Bench {
  readonly modem: Modem;
  readonly clock: Clock;
  readonly counter: Counter;
}

/** Resolves when the data has come out at the other end. */
async function transfer(bench: Bench, from: Connection, to: Connection, data: Buffer): Promise<void> {
  const { modem, counter } = bench;
  const before = counter.of(to);
  await modem.send(from, data, PATIENCE);
  await arrival(bench, to, before + data.length);
}

async function throughput(bench: Bench, from: Connection, to: Connection): Promise<number> {
  const { modem, clock, counter } = bench;
  const before = counter.of(to);
  const began = clock.now();
  let sent = 0;
  while (sent < MOST_BYTES && clock.now() - began < MOST_MS) {
    await modem.send(from, PIECE, PATIENCE);
    sent += PIECE.length;
  }
  await arrival(bench, to, before + sent);
  return Math.round((1000 * sent) / (clock.now() - began));
}

async function arrival({ clock, counter }: Bench, to: Connection, length: number): Promise<void> {
  await within(clock, PATIENCE, counter.until(to, length));
  if (counter.of(to) !== length)
    throw new Error(`${counter.of(to)} of ${length} bytes have arrived at the other end`);
}

async function median(clock: Clock, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    const began = clock.now();
    await work();
    times.push(clock.now() - began);
  }
  times.sort((a, b) => a - b);
  return Math.round(10 * (times[(SAMPLES - 1) / 2] ?? 0)) / 10;
}
