/**
 * Commands and data of a calibration. They use a queue lane of their own, alternate with other commands, and stop when
 * the calibration is ended or overdue.
 */
import { AtError, type Command, isRejection, type Turn } from '../../at';
import type { Calibration, CommonFacts, QueueFigures, Timed } from '../../sockets';
import type { Session } from '../link/session';

export interface CalibrationLineOptions {
  readonly session: Session;
  /** Response timeout in ms. A slower answer was lost or had to be requested again. */
  readonly timeout: number;
  /** Ends the calibration early. */
  readonly signal: AbortSignal;
}

const LANE = 'calibration';
/** At 9600 baud a calibration takes about a sixth of this, in ms … */
const LIMIT = 90_000;
/** … and a slow module gets the time of this many answers, if longer. */
const ANSWERS = 150;
const MOST = 600_000;
/** Data that has not arrived after this many ms and several reads is lost. */
const ARRIVAL_LIMIT = 2000;
const LEAST_LOOKS = 3;
const POLL = 50;
const NOTHING = Buffer.alloc(0);

export class CalibrationLine {
  /** Longest response time in ms; 0 before the first. */
  slowest = 0;
  /** Time limit in ms. */
  limit = LIMIT;
  /** What the family of the session asks. */
  readonly questions: Calibration;
  private readonly began: number;

  constructor(private readonly options: CalibrationLineOptions) {
    this.began = this.session.clock.now();
    this.questions = this.session.commands.calibration();
  }

  get session(): Session {
    return this.options.session;
  }

  /** Whether it has taken longer than it may. */
  get isOverdue(): boolean {
    return this.session.clock.now() - this.began > this.limit;
  }

  /** Whether nothing more is sent. */
  get isOver(): boolean {
    return this.options.signal.aborted || this.isOverdue;
  }

  /** Extends the limit for a module with a typical response time of `roundTrip` ms. */
  allowFor(roundTrip: number): void {
    this.limit = Math.min(MOST, LIMIT + ANSWERS * roundTrip);
  }

  /** Rejects with an `AtError`. */
  execute<T>(command: Command<T>): Promise<T> {
    return this.session.lines.execute(command, this.turn());
  }

  queues(socketId: number): Promise<QueueFigures> {
    return this.session.queues(socketId, this.turn());
  }

  /** The same, with the time from writing to the final result, in ms; missing when an answer was lost meanwhile. */
  async timed<T>(command: Command<T>): Promise<Timed<T>> {
    let ms: number | undefined;
    const value = await this.session.lines.execute(
      command,
      this.turn((taken) => (ms = taken)),
    );
    return { value, ...(ms !== undefined && { ms }) };
  }

  /** Reads until `length` bytes have arrived or nothing more comes. */
  async receive(socketId: number, length: number): Promise<Buffer> {
    const { clock } = this.session;
    const pieces: Buffer[] = [];
    let missing = length;
    let deadline = clock.now() + ARRIVAL_LIMIT;
    for (let looks = 1; missing > 0 && (clock.now() < deadline || looks <= LEAST_LOOKS); looks++) {
      const piece = await this.read(socketId);
      pieces.push(piece);
      missing -= piece.length;
      if (piece.length > 0) deadline = clock.now() + ARRIVAL_LIMIT;
      else await this.pause(POLL);
    }
    return Buffer.concat(pieces);
  }

  /** Reads until the buffer is empty. */
  async drain(socketId: number): Promise<void> {
    // Some firmware does not answer a read of an empty buffer.
    const figures = await this.queues(socketId).catch(unknownIfRejected);
    if (figures?.recvUsed === 0) return;
    while ((await this.read(socketId)).length > 0);
  }

  /** Available data; empty also on ERROR. */
  async read(socketId: number): Promise<Buffer> {
    try {
      const { data } = await this.session.reads.receive(socketId, this.receiveLength, this.turn());
      return data;
    } catch (error) {
      if (!isRejection(error)) throw error;
      return NOTHING;
    }
  }

  /** The response to a read of an empty buffer. */
  async readNothing(socketId: number, hasBeenSilent = false): Promise<CommonFacts['emptyRead']> {
    try {
      const { data } = await this.execute(this.session.commands.receive(socketId, this.receiveLength));
      return data.length === 0 ? 'zero' : undefined;
    } catch (error) {
      if (isRejection(error)) return 'error';
      if (!(error instanceof AtError && error.failure === 'timeout')) throw error;
      // A single answer may be lost.
      return hasBeenSilent ? 'silent' : this.readNothing(socketId, true);
    }
  }

  /** Waits; returns early when the calibration is ended. */
  pause(ms: number): Promise<void> {
    const { signal } = this.options;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = (): void => {
        cancel();
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const cancel = this.session.clock.after(ms, wake);
      signal.addEventListener('abort', wake);
    });
  }

  private get receiveLength(): number {
    return this.session.commands.limits.receiveLength;
  }

  private turn<T>(onTime: (ms: number) => void = () => undefined): Turn<T> {
    const { clock } = this.session;
    let written = 0;
    return {
      lane: LANE,
      isWanted: () => {
        written = clock.now();
        return !this.isOver;
      },
      onAnswer: () => {
        const ms = clock.now() - written;
        if (ms >= this.options.timeout) return;
        this.slowest = Math.max(this.slowest, ms);
        onTime(ms);
      },
    };
  }
}

function unknownIfRejected(error: unknown): undefined {
  if (!isRejection(error)) throw error;
}
