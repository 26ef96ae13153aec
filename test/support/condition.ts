/** The real timers, as a test may replace them by a clock. */
const { setTimeout, clearTimeout } = globalThis;

/** How long nothing may change, in ms: less than the timeout of a test, so that it fails with what arrived instead. */
let patience = 8000;

beforeEach(function () {
  patience = 0.8 * this.currentTest!.timeout();
});

/** A condition that is checked again whenever something has changed. */
export class Condition {
  private readonly looks = new Set<() => void>();

  /** @param said text for a failed test about what has arrived */
  constructor(private readonly said: () => string = () => 'nothing') {}

  changed(): void {
    for (const look of [...this.looks]) look();
  }

  /** Resolves once the condition is true; rejects if nothing changes for long. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.looks.delete(look);
        reject(new Error(`it did not happen: ${holds.toString()}; so far: ${this.said()}`));
      };
      let timer = setTimeout(giveUp, patience);
      const look = (): void => {
        clearTimeout(timer);
        if (holds()) {
          this.looks.delete(look);
          resolve();
        } else {
          timer = setTimeout(giveUp, patience);
        }
      };
      this.looks.add(look);
      look();
    });
  }
}
