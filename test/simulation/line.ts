/** The AT ports of the module, as Node-RED reaches them, and what may happen to them. */
import type { Link, LinkEvents, Transport } from '../../src/at';
import type { PortName, SimulatedModule } from '../../src/simulator';
import { inProcessTransport } from '../../src/transport';
import type { SimulationClock } from './simulation-clock';

/** What a tty with other settings makes of bytes from the module. */
export type Change = (bytes: Buffer) => Buffer;

export class Line {
  /** Why ports cannot be opened now. */
  private readonly obstacles = new Set<{ readonly port: PortName; readonly reason: string }>();
  private readonly changes = new Map<PortName, Change>();

  constructor(
    private readonly module: SimulatedModule,
    private readonly clock: SimulationClock,
    /** Whether the ports can be configured, as serial ports can. */
    private readonly isSerial: boolean,
  ) {}

  /** @param isUsed whether the process that has opened it still runs */
  transport(port: PortName, isUsed: () => boolean): Transport {
    const plugged = inProcessTransport(port, () => this.module.attach(port));
    return { name: port, open: (events) => this.open(port, plugged, events, isUsed) };
  }

  /** Pulls the cable for so long. */
  unplug(ms: number): void {
    this.module.unplug();
    for (const port of ['usbat', 'usbmodem'] as const) this.obstruct(port, 'no such device', ms);
  }

  /** One port is gone for so long, or another program has it: whoever was attached is detached. */
  losePort(port: PortName, reason: string, ms: number): void {
    this.detach(port);
    this.obstruct(port, reason, ms);
  }

  /** The process that used the ports is gone. */
  detachAll(): void {
    this.module.unplug();
  }

  /** Another program changes the settings of a port, until they are restored, or for so long. */
  change(port: PortName, change: Change, ms: number): void {
    this.changes.set(port, change);
    this.clock.after(ms, () => this.changes.get(port) === change && this.changes.delete(port));
  }

  private detach(port: PortName): void {
    this.module.attach(port).destroy();
  }

  private obstruct(port: PortName, reason: string, ms: number): void {
    const obstacle = { port, reason };
    this.obstacles.add(obstacle);
    this.clock.after(ms, () => this.obstacles.delete(obstacle));
  }

  private async open(
    port: PortName,
    plugged: Transport,
    events: LinkEvents,
    isUsed: () => boolean,
  ): Promise<Link> {
    const obstacle = [...this.obstacles].find((it) => it.port === port);
    if (obstacle) throw new Error(`${port} cannot be opened: ${obstacle.reason}`);
    this.changes.delete(port);
    const link = await plugged.open({
      data: (chunk) => isUsed() && events.data(this.changes.get(port)?.(chunk) ?? chunk),
      closed: (reason) => isUsed() && events.closed(reason),
    });
    const restore = (): Promise<void> => Promise.resolve(void this.changes.delete(port));
    return {
      ...link,
      write: (bytes) => isUsed() && link.write(bytes),
      ...(this.isSerial && { restore }),
    };
  }
}
