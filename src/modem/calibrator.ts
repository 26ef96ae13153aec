/** When calibration runs, who may end it, and which profile is in use. */
import { AtError } from '../at';
import { type Facts, type Profile, type Urc, type UrcPort } from '../qfwd';
import { calibrate, firmwareOf } from './calibration';
import type { Declarations } from './declarations';
import { QfwdError, toQfwdError } from './errors';
import type { LineTap } from './line-tap';
import { Loopback } from './loopback';
import type { Session } from './session';
import type { Timers } from './timers';

export interface CalibratorHost {
  readonly declarations: Declarations;
  readonly timers: Timers;
  readonly tap: LineTap;
  readonly urcPort: UrcPort;
  /** Whether the dialect is to be found out, and not told by the user. */
  readonly isDialectOpen: boolean;
  /** Whether a firmware of which there is no profile is measured by itself. */
  readonly isAutomatic: boolean;
  random(): number;
  onProfile(profile: Profile): void;
}

/** On a line of 9600 baud it takes about a sixth of this, in ms. */
const LIMIT = 90_000;

export class Calibrator {
  /** The profile of the firmware that is there now. */
  current: Profile | undefined;
  private running: { readonly loopback: Loopback; readonly done: Promise<unknown>; end(): void } | undefined;

  constructor(
    private readonly host: CalibratorHost,
    /** Of an earlier run, perhaps of another firmware. */
    private stored: Profile | undefined,
  ) {}

  get facts(): Facts {
    return this.current?.facts ?? {};
  }

  /** Whether a URC is about the calibration's own sockets. */
  hear(urc: Urc): boolean {
    return this.running?.loopback.hear(urc) ?? false;
  }

  /** A new session: what is known of its firmware comes into use, and what is not is measured if that is wanted. */
  async begin(session: Session): Promise<void> {
    this.current = undefined;
    const { isAutomatic } = this.host;
    if (!this.stored && !isAutomatic) return;
    const firmware = await firmwareOf(session);
    if (firmware === undefined) return;
    if (this.stored?.firmware === firmware) this.use(this.stored, session);
    else if (isAutomatic) await this.run(session);
  }

  /**
   * Measures the firmware; the result is in use from then on.
   * @param signal ends it early
   * @throws {QfwdError} when it was ended, or the module was lost
   */
  async run(session: Session, signal?: AbortSignal): Promise<Profile> {
    if (this.running) throw new QfwdError('QFWD_INVALID', 'the module is being calibrated already');
    const ending = new AbortController();
    const end = (): void => ending.abort();
    const { timers, declarations, urcPort, tap } = this.host;
    const random = (): number => this.host.random();
    const loopback = new Loopback({ session, declarations, urcPort, random, signal: ending.signal });
    const cancelLimit = timers.after(LIMIT, end);
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
    void session.lines.closed.then(end);
    const work = this.measure(session, tap, loopback);
    this.running = { loopback, end, done: work.catch(() => undefined) };
    try {
      const profile = await work;
      this.stored = profile;
      this.use(profile, session);
      this.host.onProfile(profile);
      return profile;
    } catch (error) {
      throw explain(error);
    } finally {
      this.running = undefined;
      cancelLimit();
      signal?.removeEventListener('abort', end);
    }
  }

  /** Ends what is running. Resolves when its sockets are closed. */
  async stop(): Promise<void> {
    this.running?.end();
    await this.running?.done;
  }

  private async measure(session: Session, tap: LineTap, loopback: Loopback): Promise<Profile> {
    const firmware = await firmwareOf(session);
    return calibrate(firmware ?? '', tap, loopback);
  }

  private use(profile: Profile, session: Session): void {
    this.current = profile;
    const { dialect, facts, obstacle } = profile;
    if (obstacle !== undefined) return;
    if (this.host.isDialectOpen) session.dialect = dialect;
    session.isServerLayoutKnown = true;
    session.isEmptyReadError ||= facts.emptyRead === 'error';
  }
}

function explain(error: unknown): QfwdError {
  const isEnded = error instanceof AtError && error.failure === 'cancelled';
  return isEnded
    ? new QfwdError('QFWD_TIMEOUT', 'calibration was ended before it was done')
    : toQfwdError(error);
}
