/** When calibration runs, who may end it, and which profile is in use. */
import { AtError } from '../at';
import type { Facts, Profile, Urc } from '../qfwd';
import { calibrate, firmwareOf } from './calibration';
import { CalibrationLine } from './calibration-line';
import type { Declarations } from './declarations';
import { QfwdError, toQfwdError } from './errors';
import type { LineTap } from './line-tap';
import { Loopback } from './loopback';
import type { ModemOptions } from './options';
import type { Session } from './session';

export interface CalibratorHost {
  readonly options: ModemOptions;
  readonly declarations: Declarations;
  readonly tap: LineTap;
  random(): number;
  onProfile(profile: Profile): void;
}

export class Calibrator {
  /** The profile of the firmware that is there now. */
  current: Profile | undefined;
  /** The version of that firmware, if it was asked for and is known. */
  firmware: string | undefined;
  private running: { readonly loopback: Loopback; readonly done: Promise<unknown>; end(): void } | undefined;

  constructor(
    private readonly host: CalibratorHost,
    /** The last one, perhaps of another firmware. */
    public stored: Profile | undefined,
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
    this.firmware = undefined;
    const isAutomatic = this.host.options.calibrate === true;
    if (!this.stored && !isAutomatic) return;
    this.firmware = await firmwareOf(session);
    if (this.firmware === undefined) return;
    if (this.stored?.firmware === this.firmware) this.use(this.stored, session);
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
    const { declarations, options } = this.host;
    const { commandTimeout, urcPort } = options;
    const random = (): number => this.host.random();
    const line = new CalibrationLine({ session, timeout: commandTimeout, signal: ending.signal });
    const loopback = new Loopback({ line, declarations, urcPort: session.destination(urcPort), random });
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
    void session.lines.closed.then(end);
    const work = this.measure(line, loopback);
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
      signal?.removeEventListener('abort', end);
    }
  }

  /** Ends what is running. Resolves when its sockets are closed. */
  async stop(): Promise<void> {
    this.running?.end();
    await this.running?.done;
  }

  private async measure(line: CalibrationLine, loopback: Loopback): Promise<Profile> {
    this.firmware = await firmwareOf(line.session);
    return calibrate(this.firmware ?? '', this.host.tap, line, loopback);
  }

  private use(profile: Profile, session: Session): void {
    this.current = profile;
    const { dialect, facts, lacks, obstacle } = profile;
    if (obstacle !== undefined) return;
    const { options } = this.host;
    if (options.dialect === 'auto') session.dialect = dialect;
    session.isServerLayoutKnown = true;
    if (options.adaptsTimeout && facts.slowest !== undefined) session.lines.adapt(facts.slowest);
    session.isEmptyReadSilent = facts.emptyRead === 'silent' && !lacks.includes('QFWDACK');
    session.isEmptyReadError ||= facts.emptyRead === 'error';
  }
}

function explain(error: unknown): QfwdError {
  const isEnded = error instanceof AtError && error.failure === 'cancelled';
  return isEnded
    ? new QfwdError('QFWD_TIMEOUT', 'calibration was ended before it was done')
    : toQfwdError(error);
}
