/** Executes the tasks of the SIM state machine; see sim-state.ts. */
import { asking, type AtError, type Channel, type Clock, type Command, plainCommand, quote } from '../../at';
import { IMEI } from './imei';
import type { PinMemory, SimIdentity } from './pin-memory';
import {
  BEGINNING,
  isReady,
  PIN_WANTED,
  type PinState,
  type SimInput,
  type SimStatus,
  step,
} from './sim-state';

export interface Pin {
  /** Missing if no PIN is configured. */
  readonly pin?: string | undefined;
  readonly memory: PinMemory;
}

export interface SimObserver {
  onStatus(status: SimStatus): void;
}

export const SIM_QUESTION = plainCommand('AT+CPIN?', ['+CPIN:']);

/** The command of Quectel, and the one of 3GPP TS 27.007 8.65. */
const COUNTERS = [
  plainCommand('AT+QPINC="SC"', ['+QPINC:']),
  plainCommand('AT+CPINR="SIM PIN"', ['+CPINR:']),
];

/** Quectel; a SIM tells its ICCID before its PIN is entered, too. */
const CARD: Command<string | undefined> = {
  text: 'AT+QCCID',
  responsePrefixes: ['+QCCID:'],
  decode: ({ lines }) => /[\dA-F]{10,}/i.exec(lines.join())?.[0],
};

const SIM_BUSY = 14;
/** +CME ERROR: PIN or PUK required, busy, PIN2 or PUK2 required. */
const PRESENT: ReadonlySet<unknown> = new Set([11, 12, SIM_BUSY, 17, 18]);
/** +CME ERROR: not allowed (as if nothing is locked); not inserted; PIN required; failure; wrong. */
const INCONCLUSIVE: ReadonlySet<unknown> = new Set([3, 10, 11, 13, 15]);
/** +CME ERROR: not inserted, PIN or PUK required, failure, busy, wrong. */
const OF_SIM: ReadonlySet<unknown> = new Set([10, 11, 12, 13, SIM_BUSY, 15]);

/** Whether this error, to any command, indicates the state of the SIM. */
export function isRefusalOfSim(cme: unknown): boolean {
  return OF_SIM.has(cme) || (typeof cme === 'string' && /^SIM /i.test(cme));
}

function isPresent(cme: unknown): boolean {
  return PRESENT.has(cme) || (typeof cme === 'string' && /busy|required/i.test(cme));
}

export class SimKeeper {
  private sim = BEGINNING;
  private isStopped = false;
  private entering: Promise<void> | undefined;
  private identity: SimIdentity | undefined;
  private cancelRest: () => void = () => undefined;

  constructor(
    private readonly line: Pick<Channel, 'execute'>,
    private readonly clock: Clock,
    private readonly pin: Pin,
    private readonly observer: SimObserver,
  ) {}

  get status(): SimStatus {
    return this.sim.status;
  }

  start(): void {
    this.work();
  }

  /** Starts no more tasks. Returns a promise if a PIN is being entered; it resolves when AT+CPIN has ended. */
  stop(): Promise<void> | undefined {
    this.isStopped = true;
    this.cancelRest();
    return this.entering;
  }

  /** The SIM may have changed. */
  noteSign(): void {
    this.take({ type: 'sign' });
  }

  /** Another command has asked for the state of the SIM: the URC that told of its change may be lost. */
  noteAnswer(lines: readonly string[]): void {
    const { status, task } = this.sim;
    if (task.name === 'rest' && isReady(saidIn(lines)) !== (status.name === 'ready')) this.noteSign();
  }

  private take(input: SimInput): void {
    const before = this.sim;
    const { state, note } = step(before, input, this.pinState);
    this.sim = state;
    if (note === 'accepted') this.pin.memory.noteAccepted();
    if (note === 'refused') this.pin.memory.noteRefused();
    if (this.isStopped) return this.pin.memory.release();
    if (state.task !== before.task) this.work();
    if (!isSame(state.status, before.status)) this.observer.onStatus(state.status);
  }

  private work(): void {
    const { task } = this.sim;
    this.cancelRest();
    switch (task.name) {
      case 'ask':
        this.pin.memory.release();
        return void this.takeFrom(this.ask());
      case 'count':
        this.pin.memory.claim();
        return void this.takeFrom(this.count());
      case 'enter':
        this.entering = this.takeFrom(this.enter()).then(() => (this.entering = undefined));
        return;
      case 'rest':
        this.pin.memory.release();
        if (task.ms < Infinity)
          this.cancelRest = this.clock.after(task.ms, () => this.take({ type: 'time' }));
    }
  }

  /** If the line is lost, there is no input, and the state machine stops. */
  private async takeFrom(outcome: Promise<SimInput | undefined>): Promise<void> {
    const input = await outcome;
    if (input) this.take(input);
    else this.pin.memory.release();
  }

  private async ask(): Promise<SimInput | undefined> {
    try {
      const lines = await this.line.execute(SIM_QUESTION);
      const said = saidIn(lines);
      if (this.pin.pin !== undefined) await this.identify(said);
      const isDoubtful = isReady(said) && this.pinState === 'unknown';
      const isOtherCard = isDoubtful && !this.pin.memory.isFor(this.identity?.card);
      return { type: 'answer', said, isOtherCard };
    } catch (error) {
      const { failure, cme, message } = error as AtError;
      if (failure === 'lost') return undefined;
      return { type: 'failure', said: message, isPresent: isPresent(cme) };
    }
  }

  private async count(): Promise<SimInput | undefined> {
    for (const command of COUNTERS) {
      try {
        const [line = ''] = await this.line.execute(command);
        const tries = /:[^,]*,\s*(\d+)/.exec(line)?.[1];
        if (tries !== undefined) return { type: 'tries', left: Number(tries) };
      } catch (error) {
        if ((error as AtError).failure === 'lost') return undefined;
      }
    }
    return { type: 'tries', left: undefined };
  }

  /** Rejects with an `AtError` if the line is lost, or the module does not answer which one it is. */
  private async identify(said: string): Promise<void> {
    const isDecisive = said === PIN_WANTED || (isReady(said) && this.pinState === 'unknown');
    if (this.identity && !isDecisive) return;
    const card = await this.known(CARD);
    const module = this.identity ? this.identity.module : await asking((it) => this.line.execute(it))(IMEI);
    this.identity = { card, module };
    this.pin.memory.identify(this.identity);
  }

  private async enter(): Promise<SimInput | undefined> {
    let withheld: string | undefined;
    const isWanted = (): boolean => {
      if (this.isStopped) return false;
      try {
        this.pin.memory.noteEntering(this.identity?.card);
        return true;
      } catch (error) {
        withheld = (error as Error).message;
        return false;
      }
    };
    try {
      const text = `AT+CPIN=${quote(this.pin.pin ?? '')}`;
      await this.line.execute({ text, decode: () => undefined }, { isWanted });
      return { type: 'entered', outcome: 'taken' };
    } catch (error) {
      if (withheld !== undefined) return { type: 'withheld', reason: withheld };
      return outcomeOf(error as AtError);
    }
  }

  /** The answer, if the module has one. Rejects with an `AtError` if the line is lost. */
  private known(command: Command<string | undefined>): Promise<string | undefined> {
    return this.line.execute(command).catch((error: unknown) => {
      if ((error as AtError).failure === 'lost') throw error;
      return undefined;
    });
  }

  private get pinState(): PinState {
    const { pin, memory } = this.pin;
    return pin === undefined ? 'none' : memory.state;
  }
}

/** What an error of AT+CPIN=<pin> implies for the PIN. */
function outcomeOf({ failure, cme, mayHaveHappened }: AtError): SimInput | undefined {
  if (failure === 'lost') return undefined;
  if (failure !== 'rejected') return { type: 'entered', outcome: mayHaveHappened ? 'unknown' : 'ignored' };
  if (cme === SIM_BUSY || (typeof cme === 'string' && /busy/i.test(cme)))
    return { type: 'entered', outcome: 'ignored' };
  return { type: 'entered', outcome: INCONCLUSIVE.has(cme) ? 'unknown' : 'refused' };
}

function isSame(one: SimStatus, other: SimStatus): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** If there are several lines, the earlier ones are URCs that preceded the response. */
function saidIn(lines: readonly string[]): string {
  return lines.at(-1)?.replace(/^\+CPIN:\s*"?|"$/g, '') ?? 'nothing';
}
