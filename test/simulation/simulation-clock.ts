import { ManualClock, settled } from '../support/manual-clock';
import { type ProcessTime, runProcessOn } from '../support/process-time';

/**
 * The time of a world without I/O: it goes on to the next timer as soon as no promise, stream or immediate can go on without.
 * Everything happens in the same order in each run.
 */
export class SimulationClock extends ManualClock implements ProcessTime {
  private immediates = 0;
  private skipped = 0;

  /** Time in which something could run, in ms. */
  get awake(): number {
    return this.now() - this.skipped;
  }

  onImmediate(): void {
    this.immediates++;
  }

  /** Lets time pass, up to the moment `ms` from now. */
  async pass(ms: number): Promise<void> {
    const end = this.now() + ms;
    do await this.quiet();
    while (this.fireNext(end));
    this.advanceTo(end);
  }

  /** Nothing runs for so long: what is due meanwhile is late. */
  skip(ms: number): void {
    this.skipped += ms;
    this.advanceTo(this.now() + ms);
  }

  /** Runs `work` while time goes on by itself, but not beyond `limit` ms; fails with `text` when it takes longer. */
  async until<T>(work: Promise<T>, limit: number, text: string): Promise<T> {
    let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
    work.then(
      (value) => (outcome = { value }),
      (error: unknown) => (outcome = { error }),
    );
    const end = this.now() + limit;
    do {
      await this.quiet();
      if (outcome) break;
    } while (this.fireNext(end));
    if (!outcome) throw new Error(text);
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  /** Runs a world whose process has this time. */
  async run<T>(world: () => Promise<T>): Promise<T> {
    const restore = runProcessOn(this);
    try {
      return await world();
    } finally {
      restore();
      this.clear();
    }
  }

  /** Resolves when nothing goes on any more at this moment. */
  private async quiet(): Promise<void> {
    let before: number;
    do {
      before = this.immediates;
      await settled();
    } while (before !== this.immediates);
  }
}
