/** The process that drives the module: the modem, its servers and clients, and a flow, which come and go with deploys. */
import { FAMILIES } from '../../src/families';
import { AllowList, type Endpoint, Modem, newMemory, type SocketEvent } from '../../src/modem';
import { newPinMemory } from '../../src/modem/link/pin-memory';
import { MODEM_OPTIONS } from '../support/modem/options';
import { OwnTimers } from '../support/modem/own-timers';
import type { Dice } from './dice';
import { FlowNode } from './flow';
import type { Ledger } from './ledger';
import type { Line } from './line';
import { type EndpointPlan, ownerOf, type Plan } from './plan';
import type { SimulationClock } from './simulation-clock';

export class NodeRed {
  private process: Process | undefined;
  private readonly endpoints: (Endpoint<never> | undefined)[] = [];
  private memory = newMemory();
  private readonly pinMemory = newPinMemory();
  /** Shared by all flows, so that no number is used twice. */
  private readonly numbers = new Map<string, number>();
  private idleTimeout = 3600;

  constructor(
    private readonly plan: Plan,
    private readonly clock: SimulationClock,
    private readonly line: Line,
    private readonly ledger: Ledger,
    private readonly dice: Dice,
    private readonly note: (text: string) => void,
  ) {}

  get modem(): Modem | undefined {
    return this.process?.modem;
  }

  stateOf(index: number): string {
    return this.endpoints[index]?.state ?? 'missing';
  }

  start(): void {
    const process = (this.process = this.newProcess());
    const { modem } = process;
    modem.on('state', (state, reason) => this.note(`== ${state} ${reason?.message ?? ''}`));
    modem.on('problem', ({ code, message }) => {
      this.note(`!! ${code} ${message}`);
      if (code === 'QFWD_UNKNOWN_OUTCOME') this.ledger.problems++;
    });
    modem.on('warning', (text) => this.note(`?? ${text}`));
    this.startFlow(process);
    this.declare(process);
    modem.start();
  }

  async stop(): Promise<void> {
    const { process } = this;
    this.process = undefined;
    if (!process) return;
    process.flow?.leave();
    await process.modem.stop();
    if (process.timers.pending > 0) this.ledger.breach(`${process.timers.pending} timers are left behind`);
  }

  /** Stops, and starts again later with what it has kept. */
  async restart(ms: number): Promise<void> {
    if (!this.process) return;
    await this.stop();
    this.clock.after(ms, () => this.start());
  }

  /** Is killed, and started again later without what it had in its memory. */
  kill(ms: number): boolean {
    const { process } = this;
    if (!process) return false;
    this.process = undefined;
    process.isAlive = false;
    process.modem.removeAllListeners();
    process.timers.stop();
    process.flow?.die();
    this.ledger.noteKilled();
    this.memory = newMemory();
    this.line.detachAll();
    this.clock.after(ms, () => this.start());
    return true;
  }

  /** All servers and clients are gone for so long. */
  redeploy(ms: number): boolean {
    const { process } = this;
    if (!process) return false;
    this.plan.endpoints.forEach((_, index) => process.modem.endpoints.release(ownerOf(index), false));
    this.clock.after(ms, () => process === this.process && this.declare(process));
    return true;
  }

  redeployFlow(ms: number): boolean {
    const { process } = this;
    if (!process) return false;
    process.flow?.leave();
    process.flow = undefined;
    this.clock.after(ms, () => process === this.process && !process.flow && this.startFlow(process));
    return true;
  }

  /** Now, or at the next start. */
  changeSettings(): void {
    this.idleTimeout++;
    this.redeploy(0);
  }

  /** The flow does nothing by itself any more. */
  restFlow(): void {
    this.process?.flow?.rest();
  }

  private newProcess(): Process {
    const { plan, line } = this;
    const timers = new OwnTimers(this.clock);
    const process: { isAlive: boolean } = { isAlive: true };
    const isUsed = (): boolean => process.isAlive;
    const modem = new Modem(
      { ...MODEM_OPTIONS, openTimeout: 10_000, ...plan.modem },
      {
        transport: line.transport('usbat', isUsed),
        secondTransport: plan.ports === 'one' ? undefined : line.transport('usbmodem', isUsed),
        families: FAMILIES,
        clock: timers,
        random: () => this.dice.next(),
        memory: this.memory,
        pinMemory: this.pinMemory,
      },
    );
    return Object.assign(process, { modem, timers, flow: undefined });
  }

  private startFlow(process: Process): void {
    const { ledger, clock, plan, numbers } = this;
    process.flow = new FlowNode(process.modem, plan.flow, ledger, clock, this.dice.fork(), numbers);
  }

  private declare(process: Process): void {
    this.plan.endpoints.forEach((endpoint, index) => {
      this.endpoints[index] = this.declareOne(process, endpoint, ownerOf(index));
    });
  }

  private declareOne(
    process: Process,
    { kind, protocol, port }: EndpointPlan,
    owner: string,
  ): Endpoint<never> {
    const { endpoints } = process.modem;
    const common = { pdpCid: 0, ipVersion: 'IP', protocol, port, urcPort: 'usbat' } as const;
    const observer = {
      onEvent: (event: SocketEvent) => {
        if (!process.isAlive) return;
        this.note(`-- ${owner} ${JSON.stringify(event)}`);
        this.ledger.tell(owner, event);
        if (event.event === 'client/open' && protocol === 'udp') this.greet(process, event.socketId);
      },
      onState: () => undefined,
      onError: (error: Error) => this.note(`-- ${owner} ${error.message}`),
    };
    if (kind === 'client') {
      const client = { ...common, host: '127.0.0.1', reconnect: true };
      return endpoints.declareClient(owner, client, true, observer) as unknown as Endpoint<never>;
    }
    const { idleTimeout } = this;
    const server = { ...common, backlog: 5, idleTimeout, maxClients: 0, allow: new AllowList() };
    return endpoints.declareServer(owner, server, true, observer) as unknown as Endpoint<never>;
  }

  private greet({ modem, flow }: Process, socketId: number): void {
    const connection = modem.occupant(socketId);
    if (connection) flow?.greet(connection);
  }
}

/** From one start of Node-RED to its end. */
interface Process {
  readonly modem: Modem;
  readonly timers: OwnTimers;
  flow: FlowNode | undefined;
  isAlive: boolean;
}
