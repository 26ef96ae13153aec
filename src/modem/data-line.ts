import { AtError, type Clock, type Command, type Turn, within } from '../at';
import { orOffline, toQfwdError } from './errors';
import type { Session } from './session';

export interface DataLineHost {
  readonly clock: Clock;
  /** The session, once its socket ids mean what they are taken for. */
  session(): Session | undefined;
  /** The port was lost, and another one is about to come in for it. */
  isMoving(): boolean;
}

/** How long another port may take to come in, in ms. */
const MOVE_LIMIT = 5000;

/** The way of payload into the module: over the session of the moment, or the next where another port comes in. */
export class DataLine {
  /** Tells those who wait for another port. */
  private readonly waiting = new Set<() => void>();

  constructor(private readonly host: DataLineHost) {}

  /** Rejects with an `AtError`, or a `QfwdError` when there is no session. */
  async execute<T>(command: Command<T>, turn: Turn<NoInfer<T>> = {}): Promise<T> {
    for (;;) {
      try {
        return await orOffline(this.host.session()).execute(command, turn);
      } catch (error) {
        const isUnseen = !(error instanceof AtError && error.mayHaveHappened);
        const isHarmless = isUnseen || command.isRepeatable === true;
        const isLost = toQfwdError(error).code === 'QFWD_OFFLINE';
        if (!isLost || !isHarmless || !(await this.carriesOn())) throw error;
      }
    }
  }

  /** Takes back what waits with this turn. */
  withdraw(turn: Turn): void {
    this.host.session()?.withdraw(turn);
  }

  /** Whether there is a session; where another port is to come in for one that was lost, once that is known. */
  async carriesOn(): Promise<boolean> {
    if (this.isToCome()) {
      await within(this.host.clock, MOVE_LIMIT, new Promise<void>((wake) => this.waiting.add(wake)));
    }
    return this.host.session() !== undefined;
  }

  /** The link is in another state: whoever waits need not, if another port has come in, or will not. */
  noteState(): void {
    if (this.isToCome()) return;
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }

  private isToCome(): boolean {
    return !this.host.session() && this.host.isMoving();
  }
}
