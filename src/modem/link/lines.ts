/**
 * The AT ports of one module as a single channel: commands run on the first port, except those routed to the second.
 *
 *     control, and one direction ─▶ first  ─┐
 *     the other direction        ─▶ second ─┴▶ module
 *
 * The relative order of output on two ports is unknown. So a socket is read over the port that receives its URCs: they
 * show which connection the data belongs to if the module reuses the socket id. In parallel mode, sending uses the
 * other port, so that sends and reads do not wait for each other. A socket is opened or closed only while none of its
 * commands is in progress on the second port.
 */
import { AtError, type Channel, type Clock, type Command, plainCommand, type Turn, within } from '../../at';

const DIRECTIONS = ['send', 'receive'] as const;
type Direction = (typeof DIRECTIONS)[number];
type Lane = `${Direction} ${number}`;

/** The lane of a socket: its commands run in order, even if the port changes between two of them. */
export const laneOf = (direction: Direction, socketId: number): Lane => `${direction} ${socketId}`;

const DATA_LANE = /^(send|receive) (\d+)$/;

const lanesOf = (socketId: number): Lane[] => DIRECTIONS.map((direction) => laneOf(direction, socketId));

/** Options for executing a command of a data lane. */
export interface DataTurn<T = unknown> extends Turn<T> {
  /** If defined, `execute` sets it to whether the command uses the second port. */
  isOverSecond?: boolean;
}

export interface LinesOptions {
  readonly clock: Clock;
  /** How long the second port may stay silent, in ms, before commands stop waiting for it. */
  readonly patience: number;
  /** Whether a second port is configured, which may receive URCs. */
  readonly hasSecond: boolean;
  /** Whether both ports are used in parallel. */
  readonly isParallel: boolean;
  isReportedToSecond(socketId: number): boolean;
}

export class Lines {
  private second: Channel | undefined;
  /** Set while a second port is being set up; resolves when setup ends or takes too long. */
  private joining: Promise<unknown> | undefined;
  /** The longest measured response time of the module, in ms. */
  private slowest: number | undefined;
  /** Maximum commands on one command line, as far as known. */
  private mostJoined: number | undefined;
  /** Commands queued or running on the second port, by lane. */
  private readonly underWay = new Map<string, Set<Promise<unknown>>>();
  /** Lanes of sockets that are being opened or closed, with the number of such commands. */
  private readonly held = new Map<string, number>();
  /** Sends queued or running on the second port. */
  private readonly sending = new Set<Turn>();
  /** The second port does not answer in time; sends use the first port until it answers again. */
  private isStalled = false;
  private cancelAlarm: () => void = () => undefined;

  constructor(
    private readonly first: Channel,
    private readonly options: LinesOptions,
  ) {}

  /** Resolves when the first port is closed, which ends the session. */
  get closed(): Promise<void> {
    return this.first.closed;
  }

  /** A second port is being set up: reads over it wait, at most `patience`. @param setUp never rejects */
  expect(setUp: Promise<unknown>): void {
    const joining = within(this.options.clock, this.options.patience, setUp).then(() => {
      if (this.joining === joining) this.joining = undefined;
    });
    this.joining = joining;
  }

  /** A second port is set up; it is used until its channel is closed. */
  join(second: Channel): void {
    this.second = second;
    if (this.slowest !== undefined) second.adapt(this.slowest);
    if (this.mostJoined !== undefined) second.limitJoining(this.mostJoined);
    this.isStalled = false;
    void second.closed.then(() => {
      if (this.second === second) this.second = undefined;
    });
  }

  /** See {@link Channel.adapt}. */
  adapt(slowest: number): void {
    this.slowest = slowest;
    this.first.adapt(slowest);
    this.second?.adapt(slowest);
  }

  /** Rejects with an `AtError`. */
  execute<T>(command: Command<T>, turn: DataTurn<NoInfer<T>> = {}): Promise<T> {
    const { second } = this;
    const { lane } = turn;
    const isForSecond = lane !== undefined && this.isForSecond(lane);
    if (!second && this.joining && isForSecond && lane.startsWith('receive')) {
      return this.joining.then(() => this.execute(command, turn));
    }
    const isOverSecond = second !== undefined && isForSecond;
    if (turn.isOverSecond !== undefined) turn.isOverSecond = isOverSecond;
    if (!isOverSecond) return this.first.execute(command, turn);
    const running = this.noted(lane, second.execute(command, turn));
    return lane.startsWith('send') ? this.sent(running, command, turn) : running;
  }

  /**
   * See {@link Channel.readsPerLine}: of the port that runs commands of this lane; `undefined` until it is known whether
   * the module accepts several.
   */
  readsPerLine(lane: Lane, text: string): number | undefined {
    const channel = this.second && this.isForSecond(lane) ? this.second : this.first;
    // Both ports are of the same firmware.
    this.mostJoined = this.first.commandsPerLine ?? this.second?.commandsPerLine ?? this.mostJoined;
    if (this.mostJoined === undefined) return undefined;
    if (channel.commandsPerLine === undefined) channel.limitJoining(this.mostJoined);
    return channel.readsPerLine(text);
  }

  /** See {@link Channel.limitJoining}. */
  limitJoining(most: number): void {
    this.mostJoined = most;
    this.first.limitJoining(most);
    this.second?.limitJoining(most);
  }

  /** Executes a command that opens or closes a socket. */
  change<T>(socketId: number, command: Command<T>, turn?: Turn<NoInfer<T>>): Promise<T> {
    const lanes = lanesOf(socketId);
    for (const lane of lanes) this.hold(lane, 1);
    const busy = lanes.flatMap((lane) => [...(this.underWay.get(lane) ?? [])]);
    const changing =
      busy.length === 0
        ? this.first.execute(command, turn)
        : this.noted(laneOf('send', socketId), Promise.allSettled(busy)).then(() =>
            this.first.execute(command, turn),
          );
    const release = (): void => lanes.forEach((lane) => this.hold(lane, -1));
    changing.then(release, release);
    return changing;
  }

  /** Whether all URCs sent to the second port so far were received; true if there is no second port. */
  async hearSecond(): Promise<boolean> {
    if (!this.options.hasSecond) return true;
    const heard = this.second?.execute(plainCommand('AT')).then(
      () => true,
      () => false,
    );
    return (await heard) ?? false;
  }

  /** Cancels the queued command that has this turn. */
  withdraw(turn: Turn): void {
    this.first.withdraw(turn);
    this.second?.withdraw(turn);
  }

  /** Starts no more commands. Resolves when the running commands have ended or timed out. */
  async finish(): Promise<void> {
    await Promise.all([this.first.finish(), this.second?.finish()]);
  }

  close(reason: Error): void {
    this.first.close(reason);
    this.second?.close(reason);
  }

  private hold(lane: string, change: 1 | -1): void {
    const count = (this.held.get(lane) ?? 0) + change;
    if (count > 0) this.held.set(lane, count);
    else this.held.delete(lane);
  }

  private isForSecond(lane: string): boolean {
    if (!this.options.hasSecond) return false;
    const [, direction, socketId] = DATA_LANE.exec(lane) ?? [];
    // The lane of the calibration has no direction: it measures the first port only.
    if (direction === undefined || this.held.has(lane)) return false;
    const isRead = direction === 'receive';
    if (this.options.isReportedToSecond(Number(socketId))) return isRead;
    return !isRead && this.options.isParallel && !this.isStalled;
  }

  /** Repeats a send on the first port if the module has certainly not received it on the second. */
  private async sent<T>(running: Promise<T>, command: Command<T>, turn: Turn<NoInfer<T>>): Promise<T> {
    this.sending.add(turn);
    if (this.sending.size === 1) this.awaitSign();
    let isSign = true;
    try {
      return await running;
    } catch (error) {
      if (!(error instanceof AtError)) throw error;
      const { failure, mayHaveHappened } = error;
      isSign = failure !== 'cancelled' && failure !== 'lost';
      const isMoved = failure === 'cancelled' && !this.sending.has(turn);
      const isUnseen = (failure === 'lost' || failure === 'noPrompt') && !mayHaveHappened;
      if (!isMoved && !isUnseen) throw error;
    } finally {
      this.sending.delete(turn);
      if (isSign) this.isStalled = false;
      this.awaitSign();
    }
    return this.first.execute(command, turn);
  }

  /** While sends are pending, the second port must answer within `patience`; otherwise it counts as stalled. */
  private awaitSign(): void {
    this.cancelAlarm();
    if (this.sending.size === 0) return;
    this.cancelAlarm = this.options.clock.after(this.options.patience, () => {
      this.isStalled = true;
      const waiting = [...this.sending];
      this.sending.clear();
      for (const turn of waiting) this.second?.withdraw(turn);
    });
  }

  private noted<T>(lane: string, running: Promise<T>): Promise<T> {
    const all = this.underWay.get(lane) ?? new Set();
    this.underWay.set(lane, all.add(running));
    const forget = (): void => {
      all.delete(running);
      if (all.size === 0) this.underWay.delete(lane);
    };
    running.then(forget, forget);
    return running;
  }
}
