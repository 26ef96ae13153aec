import type { Network } from '../network/network';
import type { PortName, SimulatorOptions } from '../options';
import { Connection } from '../sockets/connection';
import { Sockets } from '../sockets/sockets';
import type { DataLine } from './data-line';
import type { TcpipCode } from './errors';
import { tcpipFamily } from './family';
import type { OpenRequest } from './open-request';
import { PdpContexts } from './pdp-contexts';
import { TcpipSettings } from './settings';
import { urcs } from './urcs';

/** What the stack needs from the module. */
export interface StackHost {
  readonly options: SimulatorOptions;
  readonly network: Network;
  /** The port of AT+QURCCFG. */
  readonly urcPort: PortName;
  readonly isRegistered: boolean;
  readonly urc: (port: PortName, text: string, inDataPhase?: 'held' | 'lost') => void;
}

/** The module's own TCP/IP stack, of the commands AT+QI…. */
export class TcpipStack {
  readonly sockets: Sockets;
  readonly contexts: PdpContexts;
  readonly settings: TcpipSettings;
  /** What each id was opened with last. */
  readonly requests = new Map<number, OpenRequest>();
  /** Ids that no socket has, but that the host has to close before it can use them again. */
  readonly occupied = new Set<number>();
  /** Ids whose sockets do not exist yet, because AT+QIOPEN takes a while. */
  readonly opening = new Map<number, OpenRequest>();
  /** Connections in transparent mode, by their ids. */
  readonly dataLines = new Map<number, DataLine>();
  /** The connection that ATO goes back to. */
  escaped: number | undefined;
  /** AT+QISDE */
  echoesData: boolean;
  /** AT+QIGETERROR */
  lastError: TcpipCode = 0;
  readonly #host: StackHost;
  readonly #timers = new Set<NodeJS.Timeout>();
  #opens = 0;

  constructor(host: StackHost) {
    const { network, options } = host;
    this.#host = host;
    this.contexts = new PdpContexts(options, () => host.isRegistered);
    this.settings = new TcpipSettings(options.qicfg);
    this.echoesData = options.sendEcho !== 'off';
    this.sockets = new Sockets(options, network, tcpipFamily(options, this));
  }

  /** The port for URCs about what was opened at `opener`. */
  urcPort(opener: PortName): PortName {
    const { options, urcPort } = this.#host;
    return options.urcFollows === 'opener' ? opener : urcPort;
  }

  /** Sends a URC about what was opened at `opener`. */
  urc(opener: PortName, text: string, inDataPhase?: 'held' | 'lost'): void {
    this.#host.urc(this.urcPort(opener), text, inDataPhase);
  }

  has(id: number): boolean {
    return this.sockets.has(id) || this.opening.has(id) || this.occupied.has(id);
  }

  /** The ids that AT+QISTATE lists, in order. */
  get listed(): number[] {
    return [...this.sockets.all.map(({ id }) => id), ...this.opening.keys()].sort(
      (one, other) => one - other,
    );
  }

  /** What a socket was opened with. */
  requestOf(id: number): OpenRequest {
    const request = this.requests.get(id);
    if (!request) throw new Error(`Nothing was opened with connect id ${id}`);
    return request;
  }

  /** AT+QISWTMD */
  setMode(id: number, mode: number): void {
    this.requests.set(id, { ...this.requestOf(id), mode });
  }

  /** Whether every open fails, as it does after so many of them. */
  get isStuck(): boolean {
    const { opensUntilStuck } = this.#host.options;
    return opensUntilStuck > 0 && this.#opens >= opensUntilStuck;
  }

  noteOpen(request: OpenRequest): void {
    this.#opens++;
    this.requests.set(request.id, request);
  }

  /** Resolves after the option `openDelay`; never if the id is closed before. */
  async beginOpen(request: OpenRequest): Promise<void> {
    const { openDelay } = this.#host.options;
    if (openDelay === 0) return;
    const { id } = request;
    this.opening.set(id, request);
    await new Promise<void>((resolve) => {
      this.later(openDelay, () => {
        if (this.opening.get(id) !== request) return;
        this.opening.delete(id);
        resolve();
      });
    });
  }

  /** Closes all sockets of a context, which frees their ids. Returns which. */
  #closeAll(context: number): number[] {
    const ids = this.listed.filter((id) => this.requestOf(id).context === context);
    for (const id of ids) {
      const socket = this.sockets.get(id);
      if (socket instanceof Connection) socket.reset();
      else socket?.close();
      this.opening.delete(id);
    }
    for (const id of this.occupied) if (this.requestOf(id).context === context) this.occupied.delete(id);
    return ids;
  }

  /** AT+QIDEACT */
  deactivate(context: number): void {
    this.#closeAll(context);
    this.contexts.deactivate(context);
  }

  /** Does something after `ms`, unless the module is switched off before. */
  later(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
  }

  /** The network deactivates a context: its sockets are gone, but their ids have to be closed. */
  loseContext(context: number): void {
    if (!this.contexts.isActive(context)) return;
    for (const id of this.#closeAll(context)) this.occupied.add(id);
    this.contexts.lose(context);
    const { options, urcPort, urc } = this.#host;
    if (options.contextLoss === 'told') urc(urcPort, urcs.contextLost(context));
  }

  loseContexts(): void {
    this.contexts.active.forEach((context) => this.loseContext(context));
  }

  /** Forgets everything, as at power-off. The sockets have to be destroyed before. */
  reset(): void {
    this.#timers.forEach((timer) => clearTimeout(timer));
    this.#timers.clear();
    this.contexts.reset();
    this.settings.reset();
    this.echoesData = this.#host.options.sendEcho !== 'off';
    this.requests.clear();
    this.occupied.clear();
    this.opening.clear();
    this.dataLines.clear();
    this.escaped = undefined;
    this.lastError = 0;
    this.#opens = 0;
  }
}
