/** A modem at a simulated module in this process, with real peers on the loopback. */
import assert from 'node:assert/strict';

import type { Transport } from '../../../src/at';
import {
  AllowList,
  type ClientSettings,
  type FoundFamily,
  type Kept,
  type LinkState,
  Modem,
  type ModemMemory,
  type ModemOptions,
  newMemory,
  type PinMemory,
  type Profile,
  type ServerSettings,
  type SocketFamily,
  type StreamSocket,
} from '../../../src/modem';
import { SimulatedModule, type SimulatorOptions } from '../../../src/simulator';
import { inProcessTransport } from '../../../src/transport';
import { defer } from '../cleanup';
import { Log } from '../log';
import { freePort } from '../free-port';
import { type VirtualClock, virtualClock } from '../virtual-clock';
import { Collector } from './collector';
import { family } from './family';
import { MODEM_OPTIONS } from './options';
import { OwnTimers } from './own-timers';
import { Client, type EndpointNews, observerOf, Server } from './owners';

/** Interval of checks in ms, and their maximum number. */
const LOOK_EVERY = 100;
const MOST_LOOKS = 6000;

/** Ports of calibrations are random, as several test runs may use them at the same time. */
const RANDOM = (process.pid % 1000) / 1000;

export interface RigOptions {
  readonly simulator?: Partial<SimulatorOptions>;
  /** Replaces a module of its own. */
  readonly module?: SimulatedModule;
  readonly modem?: Partial<ModemOptions>;
  readonly transport?: (module: SimulatedModule) => Transport;
  /** Passed from one modem to the next of the same module. */
  readonly memory?: ModemMemory;
  readonly openedWith?: Map<string, string>;
  readonly profile?: Profile;
  readonly foundFamily?: Kept<FoundFamily>;
  readonly streamSockets?: Kept<readonly StreamSocket[]>;
  /** The value of every random number, from 0 to 1. */
  readonly random?: number;
  readonly pinMemory?: PinMemory;
  /** The families that the modem may use; by default only that of the test. */
  readonly families?: readonly SocketFamily[];
  /** Another port of the module. */
  readonly second?: (module: SimulatedModule) => Transport;
}

export interface ServerOptions extends Omit<Partial<ServerSettings>, 'allow'> {
  readonly allow?: AllowList | readonly string[];
  readonly owner?: string;
  readonly autoOpen?: boolean;
}

export interface ClientOptions extends Partial<ClientSettings> {
  readonly owner?: string;
  readonly autoOpen?: boolean;
  readonly port: number;
}

/** Starts a modem. It is stopped after the test, and must leave no timer behind. */
export function startRig(options: RigOptions = {}): Rig {
  const rig = new Rig(options);
  rig.modem.start();
  return rig;
}

/** Starts a modem and waits until it is ready. */
export async function readyRig(options: RigOptions = {}): Promise<Rig> {
  const rig = startRig(options);
  await rig.state('ready');
  return rig;
}

export class Rig {
  readonly family = family();
  readonly module: SimulatedModule;
  readonly modem: Modem;
  /** Time as the modem sees it: only its own timers; the test has the same time. */
  readonly clock: OwnTimers;
  private readonly time: VirtualClock;
  readonly states = new Log<LinkState>();
  readonly problems: Error[] = [];
  /** The reason, each time that the SIM was locked. */
  readonly locks = new Log<string>();
  readonly warnings = new Log<string>();
  private isStopped = false;

  constructor({
    simulator,
    module,
    modem,
    transport,
    second,
    memory,
    openedWith,
    profile,
    foundFamily,
    streamSockets,
    random = RANDOM,
    pinMemory,
    families = [family().commandFamily],
  }: RigOptions) {
    this.time = virtualClock();
    this.clock = new OwnTimers(this.time);
    this.module = module ?? newModule(simulator);
    const way = transport ?? ((it) => inProcessTransport('the module', () => it.attach()));
    this.modem = new Modem(
      { ...MODEM_OPTIONS, ...this.family.modem, ...modem },
      {
        transport: way(this.module),
        secondTransport: second?.(this.module),
        families,
        clock: this.clock,
        random: () => random,
        profile,
        foundFamily,
        streamSockets,
        pinMemory,
        memory: memory ?? { ...newMemory(), ...(openedWith && { openedWith }) },
      },
    );
    this.modem.on('state', (state, reason) => {
      this.states.push(state);
      if (state === 'locked') this.locks.push(reason?.message ?? '');
    });
    this.modem.on('problem', (error) => this.problems.push(error));
    this.modem.on('warning', (text) => this.warnings.push(text));
    defer(() => this.stop());
  }

  /** Waits for the next state of this name. */
  async state(name: LinkState): Promise<void> {
    await this.states.next((state) => state === name);
  }

  /** Stops the modem, which must leave no timer behind. */
  async stop(): Promise<void> {
    if (this.isStopped) return;
    this.isStopped = true;
    await this.modem.stop();
    assert.equal(this.clock.pending, 0, 'timers were left behind');
  }

  /** Lets time pass; resolves when everything due by then has been done. */
  pass(ms: number): Promise<void> {
    return this.time.pass(ms);
  }

  /** Lets time pass until a condition is true. */
  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      if (await holds()) return;
      await this.pass(LOOK_EVERY);
    }
    assert.fail(`it does not happen: ${holds.toString()}`);
  }

  /** The result of a promise, which may take so long at most. */
  async within<T>(ms: number, promise: Promise<T>): Promise<T> {
    const started = this.clock.now();
    const result = await promise;
    const took = this.clock.now() - started;
    assert.ok(took <= ms, `it took ${took} ms`);
    return result;
  }

  /** Resolves when nothing more can happen before time passes. */
  quiet(): Promise<void> {
    return this.time.quiet();
  }

  /** Disconnects the cable and connects it again at once. */
  async replug(): Promise<void> {
    this.module.unplug();
    await this.state('offline');
    await this.state('ready');
  }

  async declareServer({
    owner = 'a server',
    autoOpen = true,
    ...settings
  }: ServerOptions = {}): Promise<Server> {
    const log = new Log<EndpointNews>();
    const all: ServerSettings = {
      pdpCid: 0,
      ipVersion: 'IP',
      protocol: 'tcp',
      port: settings.port ?? (await freePort()),
      backlog: 5,
      idleTimeout: 3600,
      urcPort: 'usbat',
      maxClients: 0,
      ...settings,
      allow: settings.allow instanceof AllowList ? settings.allow : new AllowList(settings.allow),
    };
    const endpoint = this.modem.endpoints.declareServer(owner, all, autoOpen, observerOf(log));
    return new Server(endpoint, log, all);
  }

  async openServer(options: ServerOptions = {}): Promise<Server> {
    const server = await this.declareServer(options);
    assert.equal((await server.event('server/open')).result, 0);
    return server;
  }

  declareClient({ owner = 'a client', autoOpen = true, ...settings }: ClientOptions): Client {
    const log = new Log<EndpointNews>();
    const all: ClientSettings = {
      pdpCid: 0,
      ipVersion: 'IP',
      protocol: 'tcp',
      host: '127.0.0.1',
      urcPort: 'usbat',
      reconnect: true,
      ...settings,
    };
    return new Client(this.modem.endpoints.declareClient(owner, all, autoOpen, observerOf(log)), log, all);
  }

  /** Receives all data as it arrives. */
  collect(): Collector {
    const collector = new Collector();
    this.modem.addConsumer(collector);
    return collector;
  }

  /** Sends back all received data. */
  echo(): Collector {
    const echo = new Collector((connection, data, from) => {
      this.modem
        .send(connection.socketId, data, 60_000, from)
        .catch((error: unknown) => echo.failures.push(error));
    });
    this.modem.addConsumer(echo);
    return echo;
  }

  /** The servers that the module lists. */
  servers(): Promise<string[]> {
    return this.list(this.family.commands.listServers);
  }

  /** The connections that it lists. */
  clients(): Promise<string[]> {
    return this.list(this.family.commands.listClients);
  }

  private async list(command: string): Promise<string[]> {
    const header = command.replace(/^AT(.*)\?$/, '$1:');
    return (await this.ask(command)).filter((line) => line.startsWith(header));
  }

  /** Sends a command to a port that the modem does not use, and returns the response. */
  async ask(command: string): Promise<string[]> {
    const host = this.module.attach('uart1');
    host.write(`${command}\r`);
    let text = '';
    for await (const chunk of host as AsyncIterable<Buffer>) {
      text += chunk.toString('latin1');
      if (/OK\r\n|ERROR/.test(text)) break;
    }
    return text.split('\r\n');
  }

  /** Waits until so many commands with this beginning were received. */
  async asked(prefix: string, times = 1): Promise<void> {
    while (this.count(prefix) < times) await new Promise((resolve) => this.module.once('command', resolve));
  }

  /** How many commands with this beginning were received; a test command (`=?`) only counts if it is named. */
  count(prefix: string): number {
    return this.module.commands.filter(
      (line) => line.startsWith(prefix) && line.endsWith('=?') === prefix.endsWith('=?'),
    ).length;
  }
}

export function newModule(options: Partial<SimulatorOptions> = {}): SimulatedModule {
  virtualClock();
  const module = new SimulatedModule({ ...family().simulator, ...options });
  defer(() => module.powerOff());
  return module;
}
