import type { Clock } from '../../at';
import type { Connection } from './connection';

/**
 * Delays of the polls after a read, in ms. The first is short, because the module sends no further URC for data that
 * arrives during a read; the later ones find data whose URC was lost.
 */
const LOOKS = [50, 1000, 8000] as const;
/** Polls that are not urgent are made at multiples of this, in ms, so that those of several sockets share a command line. */
const COMMON = 500;

/** Index in {@link LOOKS} of the poll after data. */
export const AFTER_DATA = 0;
/** Index in {@link LOOKS} of the poll after payload was sent. */
export const AFTER_SEND = 1;

/** Delays before a failed read is retried, in ms; doubled each time, as each failed read may destroy data. */
const RETRY = { first: 50, most: 10_000 } as const;

/** What is known about the unread data of a connection, and when it is polled next. */
export class ReadProgress {
  /** There may be something to read. */
  mayHaveData = false;
  /** The queue figures were not queried since the last read. */
  isEmptinessUnknown = false;
  isReading = false;
  /** Data need not have a URC any more: there was one, or it follows other data directly. */
  isReported = false;
  /** There is probably data: a `client/read` URC was received, or the last read was full, or found a datagram. */
  isLikely = false;
  /** A URC has announced data that was not found yet. */
  isAnnounced = false;
  /** A URC has announced an empty datagram that was not read yet. */
  isEmptyDatagramDue = false;
  /** A short read may not be the last one: a poll may find data without a URC. */
  isShortDoubtful = false;
  /** Number of reads to queue at the same time: doubled while {@link isLikely} after the last of them, otherwise as many as had data. */
  reads = 1;
  /** Number of failed reads since the last successful one. */
  failures = 0;
  /** Index of the next delay in {@link LOOKS}. */
  step: number = LOOKS.length;
  private look: { readonly at: number; readonly cancel: () => void } | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly clock: Clock,
    /** Asks the module for data. */
    private readonly onLook: () => void,
  ) {}

  /** After a failure, nothing is read until the scheduled retry. */
  get isResting(): boolean {
    return this.failures > 0 && this.look !== undefined;
  }

  /** Schedules a poll, unless there is an earlier one. @param step index in {@link LOOKS} */
  lookAgain(step: number): void {
    const delay = LOOKS[step];
    if (delay !== undefined && !this.isResting) this.lookAfter(delay, step);
  }

  /** Reading was suspended before the first read: what was known before it still holds. */
  noteNotRead(before: Pick<ReadProgress, 'isLikely' | 'isEmptyDatagramDue'>): void {
    this.isLikely ||= before.isLikely;
    this.isEmptyDatagramDue ||= before.isEmptyDatagramDue;
  }

  /** A read failed: schedules the next one. */
  retryLater(): void {
    const delay = Math.min(RETRY.first * 2 ** this.failures, RETRY.most);
    this.failures++;
    this.cancel();
    this.lookAfter(delay, AFTER_DATA);
  }

  /** Cancels the scheduled poll. */
  cancel(): void {
    this.look?.cancel();
    this.look = undefined;
  }

  private lookAfter(delay: number, step: number): void {
    if (this.connection.state === 'closed') return;
    const now = this.clock.now();
    const at = delay < COMMON ? now + delay : Math.ceil((now + delay) / COMMON) * COMMON;
    if (this.look && this.look.at <= at) return;
    this.look?.cancel();
    const cancel = this.clock.after(at - now, () => {
      this.look = undefined;
      this.step = step + 1;
      // Data that follows directly on other data may not have its URC yet.
      if (step === AFTER_DATA) this.isReported = true;
      this.onLook();
    });
    this.look = { at, cancel };
  }
}
