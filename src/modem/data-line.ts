import type { AtError, Command, Turn } from '../at';
import { orOffline, toQfwdError } from './errors';
import type { Session } from './session';

export interface DataLineHost {
  /** The session, once its socket ids mean what they are taken for. */
  session(): Session | undefined;
  /** Resolves with whether there is one again, after one was lost that another port can have. */
  carriesOn(): Promise<boolean>;
}

/** The way of payload into the module: over the session of the moment, or the next where another port comes in. */
export class DataLine {
  constructor(private readonly host: DataLineHost) {}

  /** Rejects with an `AtError`, or a `QfwdError` when there is no session. */
  async execute<T>(command: Command<T>, turn: Turn<NoInfer<T>>): Promise<T> {
    for (;;) {
      try {
        return await orOffline(this.host.session()).execute(command, turn);
      } catch (error) {
        const isUnseen = !(error as Partial<AtError>).mayHaveHappened;
        const isHarmless = isUnseen || command.isRepeatable === true;
        const isLost = toQfwdError(error).code === 'QFWD_OFFLINE';
        if (!isLost || !isHarmless || !(await this.host.carriesOn())) throw error;
      }
    }
  }

  /** Takes back what waits with this turn. */
  withdraw(turn: Turn): void {
    this.host.session()?.withdraw(turn);
  }
}
