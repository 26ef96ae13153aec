import type { PortName, SimulatorOptions } from './options';
import type { SimCard } from './sim-card';

/** State of the module that is neither of a port nor of a socket. */
export class ModemState {
  /** AT+CFUN */
  functionality = 1;
  /** AT+QURCCFG="urcport" */
  urcPort: PortName;
  readonly #options: SimulatorOptions;
  readonly #sim: SimCard;
  #bootedAt = -Infinity;
  #searchingSince = -Infinity;

  constructor(options: SimulatorOptions, sim: SimCard) {
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

  /** The search for a network starts: at power-on, or when the PIN was given. */
  searchNetwork(): void {
    this.#searchingSince = performance.now();
  }

  /** Whether the application side, which runs the QFWD commands, is up. */
  get apReady(): boolean {
    return performance.now() - this.#bootedAt >= this.#options.apDelay;
  }

  /** `<stat>` of AT+CREG: 0 not searching, 1 registered, 2 searching. */
  get registration(): 0 | 1 | 2 {
    if (this.functionality !== 1 || this.#sim.state !== 'READY') return 0;
    return performance.now() - this.#searchingSince >= this.#options.networkDelay ? 1 : 2;
  }
}
