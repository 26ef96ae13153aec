/** Round trip and throughput over a connection of the module to itself. */
import { type Clock, within } from '../at';
import { AllowList, type Connection, type Consumer, type Modem, QfwdError, SILENT } from '../modem';

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
/** Tried one after another. Above the ephemeral ports of Linux, and not those of the calibration. */
const PORTS = [60_900, 60_901, 60_902, 60_903, 60_904] as const;
const SAMPLES = 9;
/** In ms: a slow module is sampled less often. */
const SAMPLING_TIME = 10_000;
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
  const common = { pdpCid, urcPort, ipVersion: 'IP', protocol: 'tcp', port: PORTS[0] as number } as const;
  const serving = { ...common, backlog: 1, idleTimeout: 600, maxClients: 1, allow: new AllowList() };
  const calling = { ...common, host: LOCALHOST, reconnect: false };
  const server = modem.endpoints.declareServer(SERVER, serving, false, SILENT);
  const port = await firstFree((it) => server.open({ ...serving, port: it }));
  await modem.endpoints.declareClient(CLIENT, calling, false, SILENT).open({ ...calling, port });
  const endOf = (owner: string): Connection | undefined =>
    modem.connections().find((connection) => connection.owner === owner);
  for (const deadline = clock.now() + PATIENCE; clock.now() < deadline;) {
    const [near, far] = [endOf(CLIENT), endOf(SERVER)];
    if (near && far) return { near, far };
    await new Promise<void>((resolve) => void clock.after(50, resolve));
  }
  throw new Error('the module has not connected to its own server');
}

/** The first port with which it does not fail, or the error of the last one. */
async function firstFree(
  open: (port: number) => Promise<unknown>,
  [port, ...others]: readonly [number, ...number[]] = PORTS,
): Promise<number> {
  try {
    await open(port);
    return port;
  } catch (error) {
    const [next, ...rest] = others;
    const isRefused = error instanceof QfwdError && error.code === 'QFWD_OPEN_FAILED';
    if (next === undefined || !isRefused) throw error;
    return firstFree(open, [next, ...rest]);
  }
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
  const deadline = clock.now() + SAMPLING_TIME;
  while (times.length === 0 || (times.length < SAMPLES && clock.now() < deadline)) {
    const began = clock.now();
    await work();
    times.push(clock.now() - began);
  }
  times.sort((a, b) => a - b);
  return Math.round(10 * (times[Math.floor(times.length / 2)] ?? 0)) / 10;
}
