import { AtError } from './errors';
import type { SimulatorOptions } from './options';
import type { SimCard, SimState } from './sim-card';

/** What AT+CPIN? answers while the SIM is being read, for each value of `simStarting`. */
const STARTING = { busy: 14, absent: 10, failure: 13, error: 'none' } as const;

/** Where the SIM is. It is read for a while after it got power, and nobody can talk to it before. */
export class SimSlot {
  readonly #options: SimulatorOptions;
  readonly #card: SimCard;
  #isInserted = true;
  #isPowered = true;
  #isRead = true;

  constructor(options: SimulatorOptions, card: SimCard) {
    this.#options = options;
    this.#card = card;
  }

  insert(): void {
    this.#isInserted = true;
  }

  eject(): void {
    this.#isInserted = false;
  }

  powerOn(): void {
    this.#isPowered = true;
    this.#isRead = false;
    this.#card.powerOn();
  }

  powerOff(): void {
    this.#isPowered = false;
  }

  /** From now on it can be talked to. */
  noteRead(): void {
    this.#isRead = true;
  }

  /** What AT+CPIN? tells of it. @throws {AtError} */
  get state(): SimState | 'NOT READY' {
    if (this.isUp) return this.#card.state;
    if (!this.#isInserted || !this.#isPowered) throw new AtError(10);
    const { simStarting } = this.#options;
    if (simStarting === 'not-ready') return 'NOT READY';
    throw new AtError(STARTING[simStarting]);
  }

  get isReady(): boolean {
    return this.isUp && this.#card.state === 'READY';
  }

  /** The SIM, once it can be talked to. @throws {AtError} */
  get card(): SimCard {
    if (!this.isUp) throw new AtError(this.#isInserted ? 14 : 10);
    return this.#card;
  }

  get isUp(): boolean {
    return this.#isInserted && this.#isPowered && this.#isRead;
  }
}
