import type { PortName, SimulatorOptions } from './options';
import type { SimSlot } from './sim-slot';

/** State of the module that belongs neither to a port nor to a socket. */
export class ModemState {
  /** AT+CFUN */
  functionality = 1;
  /** AT+QURCCFG="urcport" */
  urcPort: PortName;
  readonly #options: SimulatorOptions;
  readonly #sim: SimSlot;
  #bootedAt = -Infinity;
  #searchingSince = -Infinity;

  constructor(options: SimulatorOptions, sim: SimSlot) {
    this.#options = options;
    this.#sim = sim;
    this.urcPort = options.urcPort;
  }

  booted(): void {
    this.functionality = 1;
    this.urcPort = this.#options.urcPort;
    this.#bootedAt = performance.now();
    this.searchNetwork();
  }

  /** Starts the network search: at power-on, or after the PIN was entered. */
  searchNetwork(): void {
    this.#searchingSince = performance.now();
  }

  /** Whether the application processor, which executes the QFWD commands, has started. */
  get apReady(): boolean {
    return performance.now() - this.#bootedAt >= this.#options.apDelay;
  }

  /** `<stat>` of AT+CREG: 0 not registered and not searching, 1 registered (home network), 2 searching, 3 denied. */
  get registration(): 0 | 1 | 2 | 3 {
    const { networkDelay, registration } = this.#options;
    if (this.functionality !== 1 || !this.#sim.isReady) return 0;
    if (performance.now() - this.#searchingSince < networkDelay) return 2;
    return registration === 'denied' ? 3 : 1;
  }
}
