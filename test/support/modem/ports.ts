import type { Duplex } from 'node:stream';

import type { Link, LinkEvents, Transport } from '../../../src/at';
import type { SimulatedModule } from '../../../src/simulator';
import { inProcessTransport } from '../../../src/transport';

/** An AT port of a simulated module that can be disconnected, and cannot be opened until it is connected again. */
export class Port implements Transport {
  private isThere = true;
  private stream: Duplex | undefined;

  constructor(
    readonly name: 'usbat' | 'usbmodem',
    private readonly module: SimulatedModule,
  ) {}

  open(events: LinkEvents): Promise<Link> {
    if (!this.isThere) return Promise.reject(new Error(`${this.name} is not there`));
    return inProcessTransport(this.name, () => (this.stream = this.module.attach(this.name))).open(events);
  }

  get isOpen(): boolean {
    return this.stream !== undefined && !this.stream.destroyed;
  }

  pull(): void {
    this.isThere = false;
    this.stream?.destroy();
  }

  plug(): void {
    this.isThere = true;
  }
}
