import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

import { commandRunner } from './commands/execute';
import { simReady } from './commands/network';
import { AtPort } from './line/at-port';
import type { Fault } from './line/faults';
import { HostStream } from './line/host-stream';
import { loopbackNetwork } from './network/loopback';
import { ModemState } from './modem-state';
import { parseOptions, PORT_NAMES, type PortName, type SimulatorOptions } from './options';
import { qfwdFamily } from './qfwd-family';
import { SimCard } from './sim-card';
import { SimSlot } from './sim-slot';
import { Sockets } from './sockets/sockets';
import { TcpConnection } from './sockets/tcp-connection';
import { TcpipStack } from './tcpip/stack';

/** How many command lines {@link SimulatedModule.commands} keeps. */
const REMEMBERED = 1000;

/** Events of a module, for tests and traces. */
export interface ModuleEvents {
  /** A command line is about to be executed; the text starts with "AT". */
  command: [line: string, port: PortName];
  /** Bytes received from a host. */
  received: [bytes: Buffer, port: PortName];
  /** Bytes sent to the host; also emitted while no host is attached. */
  sent: [bytes: Buffer, port: PortName];
}

/**
 * An EC2x module with socket forwarding: AT ports on one side, real sockets on the loopback interface on the other. A new
 * instance behaves as if it had booted long ago.
 */
export class SimulatedModule extends EventEmitter<ModuleEvents> {
  /** The latest command lines, each starting with "AT", oldest first. */
  readonly commands: string[] = [];

  readonly #options: SimulatorOptions;
  readonly #sockets: Sockets;
  readonly #tcpip: TcpipStack;
  readonly #sim: SimSlot;
  readonly #modem: ModemState;
  readonly #ports: Record<PortName, AtPort>;
  readonly #hosts = new Map<PortName, HostStream>();
  #boots = 0;
  #simStarts = 0;

  /** @throws Error that names the invalid option and its allowed values */
  constructor(options: Partial<SimulatorOptions> = {}, network = loopbackNetwork) {
    super();
    this.#options = parseOptions(options);
    this.#sim = new SimSlot(this.#options, new SimCard(this.#options.pin, this.#options.puk));
    this.#modem = new ModemState(this.#options, this.#sim);
    const modem = this.#modem;
    const urc = (port: PortName, text: string, inDataPhase?: 'held' | 'lost') =>
      this.#ports[port].urc(text, inDataPhase);
    this.#sockets = new Sockets(this.#options, network, qfwdFamily(this.#options, urc));
    this.#tcpip = new TcpipStack({
      options: this.#options,
      network,
      get urcPort() {
        return modem.urcPort;
      },
      get isRegistered() {
        return modem.registration === 1;
      },
      urc,
    });
    const run = commandRunner({
      options: this.#options,
      sockets: this.#sockets,
      tcpip: this.#tcpip,
      sim: this.#sim,
      modem: this.#modem,
      urc: (text, name = modem.urcPort) => urc(name, text),
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
   * Connects a host to an AT port. Destroying the stream disconnects the cable: the module and its sockets keep running, a
   * partial command line is kept, and output is lost until the next host attaches. A host that is still attached is detached.
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

  /** Disconnects all hosts: destroys every attached stream. */
  unplug(): void {
    for (const host of [...this.#hosts.values()]) host.destroy();
  }

  /** Injects a fault into an AT port; the returned function removes it. */
  inject(fault: Fault, port: PortName = 'usbat'): () => void {
    return this.#ports[port].faults.inject(fault);
  }

  /** Sends a URC that belongs to no socket, on the port set by AT+QURCCFG. */
  urc(text: string): void {
    this.#ports[this.#modem.urcPort].urc(text);
  }

  /**
   * Stops a TCP connection from sending, as if its peer advertised a zero window: its send queue fills. The returned function
   * resumes sending.
   * @throws Error when there is no such connection
   */
  holdSending(socketId: number): () => void {
    const connection = this.#sockets.connection(socketId) ?? this.#tcpip.sockets.connection(socketId);
    if (!(connection instanceof TcpConnection))
      throw new Error(`There is no TCP connection with socket id ${socketId}`);
    return connection.holdSending();
  }

  /**
   * Restarts the module: sockets are closed, settings return to their defaults, and RDY follows after `bootDelay`. Hosts stay
   * attached, as on a UART. Resolves after the last URC of the start.
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

  /** The network deactivates a PDP context of the TCP/IP commands, and so ends its sockets. */
  loseContext(id: number): void {
    this.#tcpip.loseContext(id);
  }

  /** Switches the module off: closes every socket and detaches every host. Resolves after the operating system has closed all sockets. */
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
    await Promise.all([this.#sockets.destroy(), this.#tcpip.sockets.destroy()]);
    this.#tcpip.reset();
    return boot;
  }

  #remember(line: string, port: PortName): void {
    this.commands.push(line);
    if (this.commands.length > REMEMBERED) this.commands.shift();
    this.emit('command', line, port);
  }
}
