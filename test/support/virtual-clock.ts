import { defer } from './cleanup';
import { ManualClock } from './manual-clock';
import { type ProcessTime, runProcessOn } from './process-time';
import { quiet } from './quiet';

/**
 * A clock for code that uses streams and sockets of this process. It stands still while anything happens; when nothing does, it
 * moves to the next timer. So no timer fires because the machine is slow, and no test waits for one.
 */
export class VirtualClock extends ManualClock implements ProcessTime {
  private isRunning = false;
  private immediates = 0;

  override windUp(...timer: Parameters<ManualClock['windUp']>): () => void {
    const cancel = super.windUp(...timer);
    if (!this.isRunning) void this.run();
    return cancel;
  }

  onImmediate(): void {
    this.immediates++;
  }

  /** Resolves after this time, when everything due by then has been done. */
  pass(ms: number): Promise<void> {
    return new Promise((resolve) => this.windUp({ at: this.now() + ms, action: resolve, isLast: true }));
  }

  /** Resolves when nothing more can happen before time passes, at the same time. */
  quiet(): Promise<void> {
    return this.pass(0);
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    do await quiet(() => this.immediates);
    while (this.fireNext());
    this.isRunning = false;
  }
}

let current: VirtualClock | undefined;

/** The clock of this test, which the whole process uses until the test is over. */
export function virtualClock(): VirtualClock {
  if (current) return current;
  const clock = (current = new VirtualClock());
  const restore = runProcessOn(clock);
  defer(() => {
    restore();
    clock.clear();
    current = undefined;
  });
  return clock;
}
