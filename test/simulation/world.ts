/** A module, a modem, peers and a flow, made from a plan, which run until it is over. */
import type { Link, LinkEvents, Transport } from '../../src/at';
import { FAMILIES } from '../../src/families';
import { AllowList, type Endpoint, Modem, newMemory, type SocketEvent } from '../../src/modem';
import { type PortName, SimulatedModule } from '../../src/simulator';
import { inProcessTransport } from '../../src/transport';
import { MODEM_OPTIONS } from '../support/modem/options';
import { OwnTimers } from '../support/modem/own-timers';
import { Dice } from './dice';
import { FlowNode, MESSAGE_TIMEOUT } from './flow';
import { happen, LONGEST } from './incidents';
import { Ledger } from './ledger';
import { MemoryNetwork } from './network/memory-network';
import { Peers } from './peers';
import { type EndpointPlan, ownerOf, type Plan } from './plan';
import { FORBIDDEN } from './record';
import type { SimulationClock } from './simulation-clock';

/** The PDP context of everything that is opened. */
const CONTEXT = 1;
/** After its last fault, the modem works again within this time, in ms. */
const RECOVERY = 180_000;
/** How long it is watched when nothing happens any more, in ms, and what it may ask then. */
const IDLE = 1_200_000;
const IDLE_COMMANDS = 900;
/** How long stopping may take, in ms. */
const STOP = 30_000;
/** How long a peer that comes at the end may take, and datagrams that wait at the end, in ms. */
const SERVED = 60_000;

export class World {
  readonly ledger = new Ledger();
  readonly network: MemoryNetwork;
  readonly module: SimulatedModule;
  readonly peers: Peers;
  readonly trace: string[] = [];
  private modem!: Modem;
  private timers!: OwnTimers;
  private flow: FlowNode | undefined;
  private readonly dice: Dice;
  private readonly memory = newMemory();
  private readonly numbers = new Map<string, number>();
  private readonly endpoints: (Endpoint<never> | undefined)[] = [];
  private isPlugged = true;
  private readonly lostPorts = new Set<PortName>();
  private isRestarting = false;
  private idleTimeout = 3600;
  private commands = 0;

  constructor(
    readonly plan: Plan,
    readonly clock: SimulationClock,
  ) {
    this.dice = new Dice(plan.seed ^ 0x5eed);
    this.network = new MemoryNetwork(clock);
    this.peers = new Peers(plan, this.network, clock, this.ledger, this.dice);
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
    for (const [index, endpoint] of plan.endpoints.entries())
      if (endpoint.kind === 'client') this.peers.listen(endpoint, index);
    this.startModem();
    for (const visit of plan.visits) clock.after(visit.at, () => this.peers.visit(visit));
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

  /** One port is gone for so long. */
  losePort(port: PortName, ms: number): void {
    this.lostPorts.add(port);
    // Whoever was attached is detached.
    this.module.attach(port).destroy();
    this.later(ms, () => this.lostPorts.delete(port));
  }

  async restart(): Promise<void> {
    this.excuseAll('restart of the module');
    await this.module.reboot();
  }

  /** The network deactivates the PDP context, which ends all sockets in it. */
  loseContext(): void {
    if (this.plan.family === 'qfwd') return;
    this.excuseAll('loss of the context');
    this.module.loseContext(CONTEXT);
  }

  loseDatagrams(count: number): void {
    this.network.datagramsToLose += count;
    this.later(LONGEST, () => (this.network.datagramsToLose = 0));
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
    this.peers.excuseUntil(this.clock.now() + LONGEST + RECOVERY);
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
        families: FAMILIES,
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
        if (event.event === 'client/open' && protocol === 'udp') this.greet(event.socketId);
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
        this.isPlugged && !this.lostPorts.has(port)
          ? plugged.open(events)
          : Promise.reject(new Error(`${port} is not there`)),
    };
  }

  private greet(socketId: number): void {
    const connection = this.modem.occupant(socketId);
    if (connection) this.flow?.greet(connection);
  }

  private async checkRecovered(): Promise<void> {
    const { ledger, modem, plan } = this;
    if (this.isRestarting) ledger.breach('the modem has not stopped');
    if (modem.state !== 'ready') ledger.breach(`the modem is ${modem.state}: ${modem.reason?.message ?? ''}`);
    for (const [index, endpoint] of plan.endpoints.entries()) {
      if (endpoint.kind === 'client') continue;
      const { state } = this.endpoints[index]!;
      if (state !== 'open') ledger.breach(`server ${endpoint.port} is ${state}`);
      await this.checkServed(endpoint);
    }
  }

  /** A peer that comes now is served. */
  private async checkServed(endpoint: EndpointPlan): Promise<void> {
    const talk = this.peers.last(endpoint);
    await this.clock.pass(SERVED);
    if (endpoint.protocol === 'udp') return;
    if (!talk.isOver) this.ledger.breach(`a peer at server ${endpoint.port} was not let go`);
    if (talk.written === 0) this.ledger.breach(`a peer at server ${endpoint.port} was not served`);
  }

  private async checkIdle(): Promise<void> {
    const { ledger, modem } = this;
    this.flow?.rest();
    this.peers.excuseUntil(Infinity);
    this.peers.excuse('the end', this.clock.now() - SERVED);
    this.peers.leave();
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
    this.peers.excuse(reason, this.clock.now() - LONGEST - RECOVERY);
  }

  private async stopModem(): Promise<void> {
    await this.modem.stop();
    if (this.timers.pending > 0) this.ledger.breach(`${this.timers.pending} timers are left behind`);
  }

  private note(text: string): void {
    this.trace.push(`${this.clock.now().toFixed(0).padStart(8)} ${text}`);
  }
}
