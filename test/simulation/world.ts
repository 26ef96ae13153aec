/** A module, a modem, peers and a flow, made from a plan, which run until it is over. */
import type { Link, LinkEvents, Transport } from '../../src/at';
import { AllowList, type Endpoint, Modem, newMemory, type SocketEvent } from '../../src/modem';
import { qfwdFamily } from '../../src/qfwd';
import { type PortName, SimulatedModule } from '../../src/simulator';
import { inProcessTransport } from '../../src/transport';
import { MODEM_OPTIONS } from '../support/modem/options';
import { OwnTimers } from '../support/modem/own-timers';
import { Dice } from './dice';
import { FlowNode, MESSAGE_TIMEOUT } from './flow';
import { happen, LONGEST } from './incidents';
import { Ledger } from './ledger';
import { MemoryNetwork } from './network/memory-network';
import type { MemorySocket } from './network/memory-socket';
import type { EndpointPlan, Plan, VisitPlan } from './plan';
import { FORBIDDEN } from './record';
import type { SimulationClock } from './simulation-clock';
import { Talk } from './talk';

/** After its last fault, the modem works again within this time, in ms. */
const RECOVERY = 180_000;
/** How long it is watched when nothing happens any more, in ms, and what it may ask then. */
const IDLE = 1_200_000;
const IDLE_COMMANDS = 900;
/** How long stopping may take, in ms. */
const STOP = 30_000;

export class World {
  readonly ledger = new Ledger();
  readonly network: MemoryNetwork;
  readonly module: SimulatedModule;
  readonly trace: string[] = [];
  private modem!: Modem;
  private timers!: OwnTimers;
  private flow: FlowNode | undefined;
  private readonly dice: Dice;
  private readonly memory = newMemory();
  private readonly numbers = new Map<string, number>();
  private readonly endpoints: (Endpoint<never> | undefined)[] = [];
  private readonly usedPorts: number[] = [];
  private isPlugged = true;
  private isRestarting = false;
  private isEnding = false;
  private idleTimeout = 3600;
  private areSettingsNewUntil = 0;
  private commands = 0;

  constructor(
    readonly plan: Plan,
    readonly clock: SimulationClock,
  ) {
    this.dice = new Dice(plan.seed ^ 0x5eed);
    this.network = new MemoryNetwork(clock);
    this.module = new SimulatedModule(plan.simulator, this.network);
    this.module.on('command', (line) => {
      this.commands++;
      if (line.startsWith(FORBIDDEN)) this.ledger.breach(`the module executed a part of a payload: ${line}`);
    });
    for (const [name, event] of [
      ['<', 'sent'],
      ['>', 'received'],
    ] as const)
      this.module.on(event, (bytes, port) =>
        this.note(`${port} ${name} ${JSON.stringify(bytes.toString('latin1'))}`),
      );
  }

  /** Lives through the plan. */
  async live(): Promise<void> {
    const { plan, clock } = this;
    for (const [index, { kind, port }] of plan.endpoints.entries())
      if (kind === 'client') this.listen(port, index);
    this.startModem();
    for (const visit of plan.visits) clock.after(visit.at, () => this.visit(visit));
    for (const { at, name, seed } of plan.incidents)
      clock.after(at, () => {
        this.note(`** ${name}`);
        happen(name, this, new Dice(seed));
      });
    await clock.pass(plan.length + LONGEST + RECOVERY);
    await this.checkRecovered();
    await this.checkIdle();
    await this.end();
    this.ledger.close();
  }

  later(ms: number, action: () => void): void {
    this.clock.after(ms, action);
  }

  anyPort(dice: Dice): PortName {
    return this.plan.ports === 'one' || dice.chance(0.6) ? 'usbat' : 'usbmodem';
  }

  /** Pulls the cable for so long. */
  unplug(ms: number): void {
    this.isPlugged = false;
    this.module.unplug();
    this.later(ms, () => (this.isPlugged = true));
  }

  async restart(): Promise<void> {
    this.excuseAll('restart of the module');
    await this.module.reboot();
  }

  /** Stops the modem, and starts another one later, which knows what the first has left. */
  async restartModem(ms: number): Promise<void> {
    if (this.isRestarting) return;
    this.isRestarting = true;
    this.flow?.leave();
    await this.stopModem();
    this.later(ms, () => {
      this.isRestarting = false;
      this.startModem();
    });
  }

  redeploy(ms: number): void {
    if (this.isRestarting) return;
    const { modem } = this;
    this.plan.endpoints.forEach((_, index) => modem.endpoints.release(ownerOf(index), false));
    this.later(ms, () => !this.isRestarting && modem === this.modem && this.declare());
  }

  redeployFlow(ms: number): void {
    if (this.isRestarting) return;
    const { modem } = this;
    this.flow?.leave();
    this.flow = undefined;
    this.later(ms, () => !this.isRestarting && modem === this.modem && !this.flow && this.startFlow());
  }

  changeSettings(): void {
    this.idleTimeout++;
    // Changed servers are closed and opened again, and connections of clients end.
    this.excuseAll('settings');
    this.areSettingsNewUntil = this.clock.now() + LONGEST + RECOVERY;
    this.redeploy(0);
  }

  slowNetwork(delay: number): void {
    this.network.path = { delay, bandwidth: 20 };
    this.later(LONGEST, () => (this.network.path = { delay: 1, bandwidth: 1000 }));
  }

  private startModem(): void {
    const { plan } = this;
    this.timers = new OwnTimers(this.clock);
    const pin = plan.simulator.pin ? { pin: plan.simulator.pin } : {};
    const modem = (this.modem = new Modem(
      { ...MODEM_OPTIONS, openTimeout: 10_000, ...plan.modem, ...pin },
      {
        transport: this.transport('usbat'),
        secondTransport: plan.ports === 'one' ? undefined : this.transport('usbmodem'),
        families: [qfwdFamily],
        clock: this.timers,
        random: () => this.dice.next(),
        memory: this.memory,
      },
    ));
    modem.on('state', (state, reason) => this.note(`== ${state} ${reason?.message ?? ''}`));
    modem.on('problem', ({ code, message }) => {
      this.note(`!! ${code} ${message}`);
      if (code === 'QFWD_UNKNOWN_OUTCOME') this.ledger.problems++;
    });
    modem.on('warning', (text) => this.note(`?? ${text}`));
    this.startFlow();
    this.declare();
    modem.start();
  }

  private startFlow(): void {
    const { ledger, modem, clock, plan, numbers } = this;
    this.flow = new FlowNode(modem, plan.flow, ledger, clock, this.dice.fork(), numbers);
  }

  private declare(): void {
    this.plan.endpoints.forEach((endpoint, index) => {
      this.endpoints[index] = this.declareOne(endpoint, ownerOf(index));
    });
  }

  private declareOne({ kind, protocol, port }: EndpointPlan, owner: string): Endpoint<never> {
    const common = { pdpCid: 0, ipVersion: 'IP', protocol, port, urcPort: 'usbat' } as const;
    const observer = {
      onEvent: (event: SocketEvent) => {
        this.note(`-- ${owner} ${JSON.stringify(event)}`);
        this.ledger.tell(owner, event);
      },
      onState: () => undefined,
      onError: (error: Error) => this.note(`-- ${owner} ${error.message}`),
    };
    if (kind === 'client') {
      const client = { ...common, host: '127.0.0.1', reconnect: true };
      return this.modem.endpoints.declareClient(owner, client, true, observer) as unknown as Endpoint<never>;
    }
    const { idleTimeout } = this;
    const server = { ...common, backlog: 5, idleTimeout, maxClients: 0, allow: new AllowList() };
    return this.modem.endpoints.declareServer(owner, server, true, observer) as unknown as Endpoint<never>;
  }

  private transport(port: PortName): Transport {
    const plugged = inProcessTransport(port, () => this.module.attach(port));
    return {
      name: port,
      open: (events: LinkEvents): Promise<Link> =>
        this.isPlugged ? plugged.open(events) : Promise.reject(new Error(`${port} is not there`)),
    };
  }

  /** A peer connects to a server, and does what it is to do. */
  private visit({ server, records, gap, linger, end, readsAfter, reusesPort }: VisitPlan): void {
    const { protocol, port } = this.plan.endpoints[server]!;
    if (protocol === 'udp') return;
    const own = (reusesPort ? this.dice.pick([...this.usedPorts, 0]) : 0) || this.network.freePort();
    const isFree = [...this.ledger.talks.values()].every(
      ({ isOver, socket }) => isOver || socket.localPort !== own,
    );
    const talk = this.meet(this.network.dial(port, isFree ? own : this.network.freePort(), '127.0.0.1'));
    if (readsAfter > 0) talk.holdBack(readsAfter);
    talk.socket.once('connect', () =>
      talk.write(records, gap, () => this.later(linger, () => talk.end(end))),
    );
  }

  /** A host for a client of the module: it says something now and then, and ends some time. */
  private listen(port: number, index: number): void {
    const listener = this.network.createServer();
    listener.listen({ port });
    listener.on('connection', (socket: MemorySocket) => {
      const { dice } = this;
      const talk = this.meet(socket, `h${index}-`);
      talk.write(dice.from(0, 10), dice.pick([0, 300]), () =>
        this.later(dice.pick([1000, 60_000, 600_000]), () => talk.end(dice.pick(['fin', 'reset', 'stay']))),
      );
    });
  }

  private meet(socket: MemorySocket, prefix = 'p'): Talk {
    const { talks } = this.ledger;
    const talk = new Talk(`${prefix}${talks.size + 1}`, socket, this.clock);
    talks.set(talk.label, talk);
    // The old server may accept it before the module can be told of the new one.
    if (this.isEnding || this.clock.now() < this.areSettingsNewUntil) talk.excuses.add('settings');
    this.usedPorts.push(socket.localPort);
    return talk;
  }

  private async checkRecovered(): Promise<void> {
    const { ledger, modem, plan } = this;
    if (this.isRestarting) ledger.breach('the modem has not stopped');
    if (modem.state !== 'ready') ledger.breach(`the modem is ${modem.state}: ${modem.reason?.message ?? ''}`);
    for (const [index, { kind, protocol, port }] of plan.endpoints.entries()) {
      const { state } = this.endpoints[index]!;
      if (kind === 'server' && state !== 'open') ledger.breach(`server ${port} is ${state}`);
      if (kind === 'server' && protocol === 'tcp') await this.checkServed(port);
    }
  }

  /** A peer that comes now is served. */
  private async checkServed(port: number): Promise<void> {
    const talk = this.meet(this.network.dial(port, this.network.freePort(), '127.0.0.1'), 'last');
    talk.socket.once('connect', () => talk.write(3, 0, () => this.later(5000, () => talk.end('fin'))));
    await this.clock.pass(60_000);
    if (!talk.isOver) this.ledger.breach(`a peer at server ${port} was not let go`);
    if (talk.written === 0) this.ledger.breach(`a peer at server ${port} was not served`);
  }

  private async checkIdle(): Promise<void> {
    const { ledger, modem } = this;
    this.flow?.rest();
    this.isEnding = true;
    this.excuseAll('the end');
    for (const talk of this.ledger.talks.values()) talk.socket.destroy();
    // What waits for peers that do not read is given up.
    await this.clock.pass(MESSAGE_TIMEOUT);
    if (modem.waiting > 0) ledger.breach(`${modem.waiting} bytes are waiting`);
    const open = modem.connections().filter(({ owner }) => owner !== undefined);
    ledger.checkOpen(open.map(({ socketId }) => socketId));
    const before = this.commands;
    await this.clock.pass(IDLE);
    const asked = this.commands - before;
    if (asked > IDLE_COMMANDS) this.ledger.breach(`${asked} commands in ${IDLE / 60_000} idle minutes`);
  }

  private async end(): Promise<void> {
    await this.clock.until(this.stopModem(), STOP, 'the modem does not stop');
    await this.clock.until(this.module.powerOff(), STOP, 'the module does not stop');
  }

  /** What is on its way now need not arrive. */
  private excuseAll(reason: string): void {
    const since = this.clock.now() - LONGEST - RECOVERY;
    // What a peer has left behind may not have been read yet.
    for (const talk of this.ledger.talks.values())
      if ((talk.overAt ?? Infinity) > since) talk.excuses.add(reason);
  }

  private async stopModem(): Promise<void> {
    await this.modem.stop();
    if (this.timers.pending > 0) this.ledger.breach(`${this.timers.pending} timers are left behind`);
  }

  private note(text: string): void {
    this.trace.push(`${this.clock.now().toFixed(0).padStart(8)} ${text}`);
  }
}

function ownerOf(index: number): string {
  return `endpoint ${index}`;
}
