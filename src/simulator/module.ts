import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

import { commandRunner } from './commands/execute';
import { simReady } from './commands/network';
import { AtPort } from './line/at-port';
import type { Fault } from './line/faults';
import { HostStream } from './line/host-stream';
import { ModemState } from './modem-state';
import { parseOptions, PORT_NAMES, type PortName, type SimulatorOptions } from './options';
import { SimCard } from './sim-card';
import { SimSlot } from './sim-slot';
import { Sockets } from './sockets/sockets';
import { TcpConnection } from './sockets/tcp-connection';

/** How many command lines {@link SimulatedModule.commands} remembers. */
const REMEMBERED = 1000;

/** What can be watched of a module. */
export interface ModuleEvents {
  /** A command line, from "AT" on, is about to be run. */
  command: [line: string, port: PortName];
  /** Bytes came from a host. */
  received: [bytes: Buffer, port: PortName];
  /** Bytes go to the host, if there is one. */
  sent: [bytes: Buffer, port: PortName];
}

/**
 * An EC2x module with socket forwarding: AT ports on one side, real sockets of this host's loopback on the other. At first it is
 * as if booted long ago.
 */
export class SimulatedModule extends EventEmitter<ModuleEvents> {
  /** The latest command lines that were run, from "AT" on, oldest first. */
  readonly commands: string[] = [];

  readonly #options: SimulatorOptions;
  readonly #sockets: Sockets;
  readonly #sim: SimSlot;
  readonly #modem: ModemState;
  readonly #ports: Record<PortName, AtPort>;
  readonly #hosts = new Map<PortName, HostStream>();
  #boots = 0;
  #simStarts = 0;

  /** @throws Error that names an option and what it may be */
  constructor(options: Partial<SimulatorOptions> = {}) {
    super();
    this.#options = parseOptions(options);
    this.#sim = new SimSlot(this.#options, new SimCard(this.#options.pin, this.#options.puk));
    this.#modem = new ModemState(this.#options, this.#sim);
    this.#sockets = new Sockets(this.#options, (port, text) => this.#ports[port].urc(text));
    const run = commandRunner({
      options: this.#options,
      sockets: this.#sockets,
      sim: this.#sim,
      modem: this.#modem,
      urc: (text) => this.urc(text),
      reboot: () => void this.reboot(),
      startSim: () => void this.#startSim(),
    });
    const port = (name: PortName) =>
      new AtPort(name, {
        options: this.#options,
        execute: (line, exchange) => {
          this.#remember(`AT${line}`, name);
          return run(line, exchange);
        },
        output: (to, bytes) => {
          this.emit('sent', bytes, to);
          this.#hosts.get(to)?.deliver(bytes);
        },
        inputTaken: (from) => this.#hosts.get(from)?.wake(),
      });
    this.#ports = { usbat: port('usbat'), usbmodem: port('usbmodem'), uart1: port('uart1') };
  }

  /**
   * Plugs a host into an AT port. Destroying the stream pulls the cable: the module and its sockets live on, the command line
   * stays as it is, and what the module says meanwhile is lost. A host that is still attached is thrown out.
   */
  attach(port: PortName = 'usbat'): Duplex {
    this.#hosts.get(port)?.destroy();
    const atPort = this.#ports[port];
    const host: HostStream = new HostStream(
      {
        receive: (bytes) => {
          this.emit('received', bytes, port);
          atPort.receive(bytes);
        },
        get queued() {
          return atPort.queued;
        },
        detached: () => {
          if (this.#hosts.get(port) === host) this.#hosts.delete(port);
        },
      },
      this.#options.baud,
    );
    this.#hosts.set(port, host);
    return host;
  }

  /** Pulls all cables from the module's side: every attached stream is destroyed. */
  unplug(): void {
    for (const host of [...this.#hosts.values()]) host.destroy();
  }

  /** Makes something go wrong on an AT port; the returned function ends it. */
  inject(fault: Fault, port: PortName = 'usbat'): () => void {
    return this.#ports[port].faults.inject(fault);
  }

  /** Reports a URC that belongs to no socket; to the URC port of AT+QURCCFG. */
  urc(text: string): void {
    this.#ports[this.#modem.urcPort].urc(text);
  }

  /**
   * Lets a TCP connection send nothing, as if its peer had no window: its send queue fills. The returned function lets it go on.
   * @throws Error when there is no such connection
   */
  holdSending(socketId: number): () => void {
    const connection = this.#sockets.connection(socketId);
    if (!(connection instanceof TcpConnection)) throw new Error(`No TCP connection ${socketId}`);
    return connection.holdSending();
  }

  /**
   * Restarts it: every socket is gone, every setting is back, and after `bootDelay` it says so. Attached hosts stay attached, as
   * on a UART. Resolves after the last URC of the start.
   */
  async reboot(): Promise<void> {
    const boot = await this.#shutDown();
    await sleep(this.#options.bootDelay);
    if (boot !== this.#boots) return;
    this.#modem.booted();
    PORT_NAMES.forEach((name) => this.#ports[name].powerOn());
    this.urc('RDY');
    this.urc('+CFUN: 1');
    await this.#startSim();
  }

  /** Takes the SIM out. */
  ejectSim(): void {
    this.#simStarts++;
    this.#sim.eject();
    this.urc('+CPIN: NOT READY');
  }

  /** Puts it back in; what it wants is reported once it can be talked to. */
  insertSim(): void {
    this.#sim.insert();
    void this.#startSim();
  }

  /** Switches it off: closes every socket and detaches every host. Resolves when the operating system has let go of all. */
  async powerOff(): Promise<void> {
    this.unplug();
    await this.#shutDown();
  }

  async #startSim(): Promise<void> {
    const start = ++this.#simStarts;
    this.#sim.powerOn();
    if (this.#options.simDelay > 0) await sleep(this.#options.simDelay);
    if (start !== this.#simStarts) return;
    this.#sim.noteRead();
    if (this.#sim.isReady) {
      this.#modem.searchNetwork();
      simReady(this);
    } else if (this.#sim.isUp) this.urc(`+CPIN: ${this.#sim.state}`);
  }

  async #shutDown(): Promise<number> {
    const boot = ++this.#boots;
    this.#simStarts++;
    PORT_NAMES.forEach((name) => this.#ports[name].powerOff());
    await this.#sockets.destroy();
    return boot;
  }

  #remember(line: string, port: PortName): void {
    this.commands.push(line);
    if (this.commands.length > REMEMBERED) this.commands.shift();
    this.emit('command', line, port);
  }
}
