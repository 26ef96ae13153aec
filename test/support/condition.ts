/** Kept, as a test may put these timers on a clock of its own. */
const { setTimeout, clearTimeout } = globalThis;

/** How long nothing may change, in ms: less than a test may take, so that it fails with what came instead. */
let patience = 8000;

beforeEach(function () {
  patience = 0.8 * this.currentTest!.timeout();
});

/** Whether something holds, looked at again whenever something has changed. */
export class Condition {
  private readonly looks = new Set<() => void>();

  /** @param said what a failed test is to say of what came */
  constructor(private readonly said: () => string = () => 'nothing') {}

  changed(): void {
    for (const look of [...this.looks]) look();
  }

  /** Resolves once something holds; rejects when nothing changes for long. */
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
