/**
 * Access to the mobile network: an unlocked SIM and a registration. Both can change at any time, so both are monitored
 * as long as the module answers.
 */
import type { Channel, Clock, Command, Result } from '../../at';
import { QfwdError } from '../errors';
import { type NetworkStatus, NetworkWatch } from './network';
import { isRefusalOfSim, type Pin, SIM_QUESTION, SimKeeper } from './sim';
import type { SimStatus } from './sim-state';

/** Why the network is not available, with the matching link state. */
export interface Obstacle {
  readonly state: 'no-sim' | 'locked' | 'no-network' | 'denied';
  readonly reason: QfwdError;
}

export interface AccessOptions extends Pin {
  readonly clock: Clock;
  /** Whether sockets need the mobile network. */
  readonly needsNetwork: boolean;
}

export interface AccessObserver {
  onObstacle(obstacle: Obstacle | undefined): void;
  /** An obstacle has lasted longer than {@link LONG_WAIT}. */
  onWarning(text: string): void;
}

/** In ms. Reading the SIM and registering usually take less. */
const LONG_WAIT = 40_000;

/** URCs that may indicate a change of the SIM or of its power. */
const OF_SIM = /^\+(CPIN|QUSIM|QSIMSTAT|CFUN|QIND: (PB|SMS) DONE)\b/;
const OF_NETWORK = /^\+(CREG|CGREG|CEREG|CGEV)\b/;
/** User commands that may change the state of the SIM. */
const CHANGING = /^AT\s*\+\s*(CFUN|CPIN|CLCK|CPWD|QSIMDET)\s*=/i;
/** Commands that only query the SIM. */
const ASKING = /^AT\+(CPIN\?|QPINC|CPINR)/;

export class Access {
  private readonly sim: SimKeeper;
  private readonly network: NetworkWatch;
  private readonly watchers = new Set<() => void>();
  private isStopped = false;
  private obstacle: Obstacle | undefined;
  private cancelAlarm: (() => void) | undefined;

  constructor(
    line: Pick<Channel, 'execute'>,
    private readonly options: AccessOptions,
    private readonly observer: AccessObserver,
  ) {
    const { clock } = options;
    this.sim = new SimKeeper(line, clock, options, {
      onStatus: () => this.onSim(),
    });
    this.network = new NetworkWatch(line, clock, () => this.onNetwork());
  }

  /**
   * Starts monitoring the SIM. Resolves when the state of the SIM is known. A missing SIM is waited for only if sockets
   * need the network or a PIN is configured.
   */
  async settleSim(): Promise<void> {
    const { needsNetwork, pin } = this.options;
    const isExpected = needsNetwork || pin !== undefined;
    this.sim.start();
    await this.until(() => {
      const { status } = this.sim;
      return status.name === 'starting' ? !isExpected && !status.isPresent : status.name !== 'unknown';
    });
  }

  /** Starts monitoring the registration, if sockets need the network. Resolves when the registration state is known. */
  async settleNetwork(): Promise<void> {
    if (!this.options.needsNetwork || this.isStopped) return;
    this.network.start();
    await this.until(() => this.network.status.name !== 'unknown');
  }

  /** Resolves when the module is registered. */
  async awaitNetwork(): Promise<void> {
    await this.until(() => this.network.status.name === 'registered');
  }

  get isLocked(): boolean {
    return this.sim.status.name === 'locked';
  }

  /** A URC was received. */
  noteLine(line: string): void {
    if (OF_SIM.test(line)) this.sim.noteSign();
    if (OF_NETWORK.test(line)) this.network.noteSign();
  }

  /** The final result code of a command was received. @param lines its information text */
  noteResult({ text }: Command, result: Result, lines: readonly string[] = []): void {
    const isRefusal = !result.ok && isRefusalOfSim(result.cme) && !ASKING.test(text);
    if (isRefusal || CHANGING.test(text)) this.sim.noteSign();
    else if (text === SIM_QUESTION.text) this.sim.noteAnswer(result.ok ? lines : []);
  }

  /** Stops polling and PIN entry. Returns a promise if a PIN is being entered; it resolves when AT+CPIN has ended. */
  finish(): Promise<void> | undefined {
    this.cancelAlarm?.();
    this.network.stop();
    return this.sim.stop();
  }

  /** The line was lost: all pending waits resolve. */
  stop(): void {
    void this.finish();
    this.isStopped = true;
    this.noteChange();
  }

  private onSim(): void {
    this.network.noteSign();
    this.review();
  }

  private onNetwork(): void {
    // The SIM may have been removed.
    if (this.network.status.name !== 'registered') this.sim.noteSign();
    this.review();
  }

  private review(): void {
    const found = obstacleOf(this.sim.status, this.network.status);
    const isNews =
      found?.state !== this.obstacle?.state || found?.reason.message !== this.obstacle?.reason.message;
    this.obstacle = found;
    if (isNews) this.observer.onObstacle(found);
    this.watchTime();
    this.noteChange();
  }

  private watchTime(): void {
    if (!this.obstacle) {
      this.cancelAlarm?.();
      this.cancelAlarm = undefined;
    }
    if (!this.obstacle || !this.options.needsNetwork) return;
    this.cancelAlarm ??= this.options.clock.after(LONG_WAIT, () => {
      // A locked SIM is reported at once, without this delay.
      if (this.obstacle && !this.isLocked) this.observer.onWarning(this.obstacle.reason.message);
    });
  }

  /** Resolves when `holds()` is true, or when monitoring stops. */
  private until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!this.isStopped && !holds()) return;
        this.watchers.delete(look);
        resolve();
      };
      this.watchers.add(look);
      look();
    });
  }

  private noteChange(): void {
    for (const look of this.watchers) look();
  }
}

function obstacleOf(sim: SimStatus, network: NetworkStatus): Obstacle | undefined {
  if (network.name === 'registered') return undefined;
  if (sim.name === 'locked') return obstacle('locked', sim.reason);
  if (sim.name === 'absent')
    return obstacle('no-sim', `there is no SIM that works (${sim.said}): check whether it is in its place`);
  if (sim.name === 'starting') return obstacle('no-sim', `the SIM is not ready yet (${sim.said})`);
  if (network.name === 'denied') {
    const cause = network.cause === undefined ? '' : ` (${network.cause})`;
    return obstacle(
      'denied',
      `the operator does not accept the module${cause}: ask whether the SIM is active and allowed in this device`,
    );
  }
  if (network.name === 'unknown') return undefined;
  return obstacle(
    'no-network',
    network.isIdle
      ? 'the module is not registered on a network and does not search for one: AT+CFUN=1 or AT+COPS=0 may help'
      : 'the module is not registered on a network yet: check antenna and SIM',
  );
}

function obstacle(state: Obstacle['state'], text: string): Obstacle {
  return { state, reason: new QfwdError('QFWD_REJECTED', text) };
}
