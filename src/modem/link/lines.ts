/**
 * The AT ports of one module, used as one: commands run on the first, but for those that a second one has.
 *
 *     control, and one direction ─▶ first  ─┐
 *     the other direction        ─▶ second ─┴▶ module
 *
 * The order of what two ports say is not known. So a socket is read over the port that it reports to (URCs): they tell
 * whose data an answer is when its id comes back as another connection. Where both are used at once, sending goes over the
 * other port, so that neither waits for the other. And a socket is opened and closed while nothing of it is under way on
 * the second port.
 */
import { AtError, type Channel, type Clock, type Command, plainCommand, type Turn, within } from '../../at';

const DIRECTIONS = ['send', 'receive'] as const;
type Direction = (typeof DIRECTIONS)[number];
type Lane = `${Direction} ${number}`;

/** One command of a lane is to be answered before the next whose place behind it matters: ports may change between. */
export const laneOf = (direction: Direction, socketId: number): Lane => `${direction} ${socketId}`;

const DATA_LANE = /^(send|receive) (\d+)$/;

const lanesOf = (socketId: number): Lane[] => DIRECTIONS.map((direction) => laneOf(direction, socketId));

/** How a command of a data lane is to be executed. */
export interface DataTurn<T = unknown> extends Turn<T> {
  /** Set, where it is there, to whether the command goes over the second port. */
  isOverSecond?: boolean;
}

export interface LinesOptions {
  readonly clock: Clock;
  /** For how long the second port may say nothing, in ms, before others need not wait for it. */
  readonly patience: number;
  /** Whether the module has another port to which it may report. */
  readonly hasSecond: boolean;
  /** Whether both are used at once. */
  readonly isParallel: boolean;
  isReportedToSecond(socketId: number): boolean;
}

export class Lines {
  private second: Channel | undefined;
  /** A second port is being set up; resolves when that is over. */
  private joining: Promise<unknown> | undefined;
  /** The longest that the module was measured to take for an answer, in ms. */
  private slowest: number | undefined;
  /** What is waiting or running on the second port, by lane. */
  private readonly underWay = new Map<string, Set<Promise<unknown>>>();
  /** The lanes of sockets that are being opened or closed, and by how many commands. */
  private readonly held = new Map<string, number>();
  /** What waits to be sent over the second port, or is being sent. */
  private readonly sending = new Set<Turn>();
  /** The second port has not answered for so long that nothing more is sent over it, until it does. */
  private isStalled = false;
  private cancelAlarm: () => void = () => undefined;

  constructor(
    private readonly first: Channel,
    private readonly options: LinesOptions,
  ) {}

  /** Resolves when the first port is given up, and with it the session. */
  get closed(): Promise<void> {
    return this.first.closed;
  }

  /** A second port is being set up: what is to be read over it waits, for a while. @param setUp never rejects */
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

  /** Executes what opens or closes a socket. */
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

  /** Whether a second port has said all that it had to say by now; also where there is none. */
  async hearSecond(): Promise<boolean> {
    if (!this.options.hasSecond) return true;
    const heard = this.second?.execute(plainCommand('AT')).then(
      () => true,
      () => false,
    );
    return (await heard) ?? false;
  }

  /** Takes back what waits with this turn. */
  withdraw(turn: Turn): void {
    this.first.withdraw(turn);
    this.second?.withdraw(turn);
  }

  /** Begins no more commands. Resolves when those under way have their answers, or had none in time. */
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
    const [, direction, socketId] = DATA_LANE.exec(lane) ?? [];
    // Calibration, whose lane has no direction, measures one port.
    if (direction === undefined || this.held.has(lane)) return false;
    const isRead = direction === 'receive';
    if (this.options.isReportedToSecond(Number(socketId))) return isRead;
    return !isRead && this.options.isParallel && !this.isStalled;
  }

  /** What the second port has certainly not seen goes over the first. */
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

  /** The second port has to answer something soon, if anything is to be answered. */
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
