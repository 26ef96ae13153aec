/** A module, Node-RED, peers and what is between them, made from a plan, which run until it is over. */
import { type PortName, SimulatedModule } from '../../src/simulator';
import { Dice } from './dice';
import { MESSAGE_TIMEOUT } from './flow';
import { happen, type IncidentName, LONGEST } from './incidents';
import { Ledger } from './ledger';
import { Line } from './line';
import { MemoryNetwork } from './network/memory-network';
import { NodeRed } from './node-red';
import { Peers } from './peers';
import type { EndpointPlan, Plan } from './plan';
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
  readonly line: Line;
  readonly nodeRed: NodeRed;
  readonly peers: Peers;
  readonly trace: string[] = [];
  /** Incidents that have changed something. */
  readonly occurred = new Set<IncidentName>();
  private commands = 0;
  /** Since the SIM has asked for the PIN; of one that is wrong, since ever. */
  private pinEntries = 0;

  constructor(
    readonly plan: Plan,
    readonly clock: SimulationClock,
  ) {
    const { ledger } = this;
    const dice = new Dice(plan.seed ^ 0x5eed);
    this.network = new MemoryNetwork(clock);
    this.peers = new Peers(plan, this.network, clock, ledger, dice);
    this.module = new SimulatedModule(plan.simulator, this.network);
    this.line = new Line(this.module, clock, plan.isSerial);
    this.nodeRed = new NodeRed(plan, clock, this.line, ledger, dice, (text) => this.note(text));
    this.module.on('command', (line) => {
      this.commands++;
      if (line.startsWith(FORBIDDEN)) ledger.breach(`the module executed a part of a payload: ${line}`);
      if (line.startsWith('AT+CPIN=') && ++this.pinEntries > 1) ledger.breach('the PIN was entered twice');
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
    this.nodeRed.start();
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

  /** What is on its way now need not arrive. */
  excuseAll(reason: string): void {
    this.peers.excuse(reason, this.clock.now() - LONGEST - RECOVERY);
  }

  restartModule(): void {
    this.excuseAll('restart of the module');
    this.noteSimStart();
    void this.module.reboot();
  }

  takeSimOut(ms: number): void {
    this.module.ejectSim();
    this.later(ms, () => {
      this.noteSimStart();
      this.module.insertSim();
    });
  }

  private noteSimStart(): void {
    if (this.plan.modem.pin === this.plan.simulator.pin) this.pinEntries = 0;
  }

  /** The network deactivates the PDP context, which ends all sockets in it. */
  loseContext(): boolean {
    if (this.plan.family === 'qfwd') return false;
    this.excuseAll('loss of the context');
    this.module.loseContext(CONTEXT);
    return true;
  }

  loseDatagrams(count: number): void {
    this.network.datagramsToLose += count;
    this.later(LONGEST, () => (this.network.datagramsToLose = 0));
  }

  /** Changed servers are closed and opened again, and connections of clients end. */
  changeSettings(): void {
    this.nodeRed.changeSettings();
    this.excuseAll('settings');
    this.peers.excuseUntil(this.clock.now() + LONGEST + RECOVERY);
  }

  /** Others have the ports of the servers for so long. */
  takeServerPorts(ms: number): void {
    const ports = this.plan.endpoints.filter(({ kind }) => kind === 'server').map(({ port }) => port);
    for (const port of ports) this.network.takenPorts.add(port);
    this.later(ms, () => ports.forEach((port) => this.network.takenPorts.delete(port)));
  }

  slowNetwork(delay: number): void {
    this.network.path = { delay, bandwidth: 20 };
    this.later(LONGEST, () => (this.network.path = { delay: 1, bandwidth: 1000 }));
  }

  private async checkRecovered(): Promise<void> {
    const { ledger, plan } = this;
    const { modem } = this.nodeRed;
    if (modem?.state !== 'ready')
      ledger.breach(`the modem is ${modem?.state ?? 'missing'}: ${modem?.reason?.message ?? ''}`);
    for (const [index, endpoint] of plan.endpoints.entries()) {
      if (endpoint.kind === 'client') continue;
      const state = this.nodeRed.stateOf(index);
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
    const { ledger, nodeRed } = this;
    nodeRed.restFlow();
    this.peers.excuseUntil(Infinity);
    this.peers.excuse('the end', this.clock.now() - SERVED);
    this.peers.leave();
    // What waits for peers that do not read is given up.
    await this.clock.pass(MESSAGE_TIMEOUT);
    const { modem } = nodeRed;
    if (modem && modem.waiting > 0) ledger.breach(`${modem.waiting} bytes are waiting`);
    const open = modem?.connections().filter(({ owner }) => owner !== undefined) ?? [];
    ledger.checkOpen(open.map(({ socketId }) => socketId));
    const before = this.commands;
    await this.clock.pass(IDLE);
    const asked = this.commands - before;
    if (asked > IDLE_COMMANDS) this.ledger.breach(`${asked} commands in ${IDLE / 60_000} idle minutes`);
  }

  private async end(): Promise<void> {
    await this.clock.until(this.nodeRed.stop(), STOP, 'the modem does not stop');
    await this.clock.until(this.module.powerOff(), STOP, 'the module does not stop');
  }

  private note(text: string): void {
    this.trace.push(`${this.clock.now().toFixed(0).padStart(8)} ${text}`);
  }
}
