/** Starts and ends calibration, and selects the profile in use. */
import { AtError } from '../../at';
import type { Profile, SocketUrc, UrcPort } from '../../sockets';
import { calibrate } from './calibration';
import { CalibrationLine } from './calibration-line';
import type { Declarations } from '../sockets/declarations';
import { QfwdError, toQfwdError } from '../errors';
import { Loopback } from './loopback';
import { firmwareOf } from '../link/firmware';
import type { Journal } from '../link/journal';
import type { Session } from '../link/session';
import type { Reports } from '../sockets/reports';

export interface CalibratorOptions {
  /** Response timeout in ms. */
  readonly commandTimeout: number;
  /** Whether the timeout may be adapted to the measured response time. */
  readonly adaptsTimeout?: boolean;
  /** The URC port for sockets. */
  readonly urcPort: UrcPort;
  /** Measures a firmware without a profile as soon as the module is ready. */
  readonly calibrate?: boolean;
}

export interface CalibratorHost {
  readonly options: CalibratorOptions;
  readonly declarations: Declarations;
  readonly reports: Reports;
  readonly journal: Journal;
  random(): number;
  onProfile(profile: Profile): void;
}

export class Calibrator {
  /** The profile of the current firmware. */
  current: Profile | undefined;
  /** The version of the current firmware, if known. */
  firmware: string | undefined;
  private running: { readonly loopback: Loopback; readonly done: Promise<unknown>; end(): void } | undefined;

  constructor(
    private readonly host: CalibratorHost,
    /** The last profile, possibly of another firmware. */
    public stored: Profile | undefined,
  ) {}

  /** Whether a URC is about the calibration's own sockets. */
  onUrc(urc: SocketUrc): boolean {
    return this.running?.loopback.onUrc(urc) ?? false;
  }

  /** A new session: uses the profile of its firmware, or measures one if enabled. */
  async begin(session: Session): Promise<void> {
    this.current = undefined;
    this.firmware = undefined;
    const isAutomatic = this.host.options.calibrate === true;
    if (!this.stored && !isAutomatic) return;
    this.firmware = await firmwareOf((command) => session.lines.execute(command));
    if (this.firmware === undefined) return;
    const { stored } = this;
    const isKnown = stored?.firmware === this.firmware && stored.family === session.commands.family;
    if (isKnown) this.use(stored, session);
    else if (isAutomatic) await this.run(session);
  }

  /**
   * Measures the firmware and uses the result from then on.
   * @param signal ends it early
   * @throws {QfwdError} when it was ended, or the module was lost
   */
  async run(session: Session, signal?: AbortSignal): Promise<Profile> {
    if (this.running) throw new QfwdError('QFWD_INVALID', 'the module is being calibrated already');
    const ending = new AbortController();
    const end = (): void => ending.abort();
    const { declarations, options, reports } = this.host;
    const { commandTimeout, urcPort } = options;
    const random = (): number => this.host.random();
    const line = new CalibrationLine({ session, timeout: commandTimeout, signal: ending.signal });
    const loopback = new Loopback({ line, declarations, urcPort: reports.destination(urcPort), random });
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

  /** Ends a running calibration. Resolves when its sockets are closed. */
  async stop(): Promise<void> {
    this.running?.end();
    await this.running?.done;
  }

  private async measure(line: CalibrationLine, loopback: Loopback): Promise<Profile> {
    const { lines } = line.session;
    this.firmware = await firmwareOf((command) => lines.execute(command));
    return calibrate(this.firmware ?? '', this.host.journal, line, loopback);
  }

  private use(profile: Profile, { commands, lines }: Session): void {
    this.current = profile;
    commands.use(profile);
    const { facts, obstacle } = profile;
    if (facts.perLine !== undefined) lines.limitJoining(facts.perLine);
    const isAdapted = this.host.options.adaptsTimeout && obstacle === undefined;
    if (isAdapted && facts.slowest !== undefined) lines.adapt(facts.slowest);
  }
}

function explain(error: unknown): QfwdError {
  const isEnded = error instanceof AtError && error.failure === 'cancelled';
  return isEnded
    ? new QfwdError('QFWD_TIMEOUT', 'calibration was ended before it was done')
    : toQfwdError(error);
}
