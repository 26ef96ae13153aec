import { AtError } from './errors';

const PIN_TRIES = 3;

export type SimState = 'READY' | 'SIM PIN' | 'SIM PUK';

/** A SIM card, optionally with a PIN. After three wrong PINs it needs the PUK. */
export class SimCard {
  state: SimState = 'READY';
  #pin: string;
  readonly #puk: string;
  #triesLeft = PIN_TRIES;

  /** `pin`: empty = no PIN needed. */
  constructor(pin: string, puk: string) {
    this.#pin = pin;
    this.#puk = puk;
    this.powerOn();
  }

  powerOn(): void {
    if (this.#triesLeft > 0) this.state = this.#pin === '' ? 'READY' : 'SIM PIN';
  }

  /** Remaining attempts for the PIN. */
  get triesLeft(): number {
    return this.#triesLeft;
  }

  /** AT+CPIN=<pin> */
  enterPin(pin: string): void {
    if (this.state === 'SIM PUK') throw new AtError(12);
    if (this.state === 'READY') throw new AtError(3);
    if (pin !== this.#pin) {
      this.#triesLeft--;
      if (this.#triesLeft === 0) this.state = 'SIM PUK';
      throw new AtError(16);
    }
    this.#unlock();
  }

  /** AT+CPIN=<puk>,<new pin> */
  unblock(puk: string, newPin: string): void {
    if (this.state !== 'SIM PUK') throw new AtError(3);
    if (puk !== this.#puk) throw new AtError(16);
    this.#pin = newPin;
    this.#unlock();
  }

  #unlock(): void {
    this.#triesLeft = PIN_TRIES;
    this.state = 'READY';
  }
}
