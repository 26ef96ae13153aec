/**
 * Time limits for the module. If giving up early could lose data, the limit is the configured timeout, or longer if the
 * module was measured to be slow. Otherwise it is derived from the longest measured response time, which is shorter.
 */
import { type Exchange, isAnswered } from './exchange';
import { ATTEMPTS } from './resync';

/** A limit is this many times the longest measured response time. */
const SAFETY = 5;
/** The shortest limit, in ms: a module or host may be busy for that long. */
const LEAST = 1000;

export class Pace {
  /** Limit for a response, in ms. */
  readonly answer: number;
  /** Limit for a response that can be requested again, or is not needed. */
  private quick: number;
  private readonly leastFence: number;

  /**
   * @param timeout the configured timeout, in ms
   * @param slowest the longest measured response time of this module, in ms
   */
  constructor(
    private readonly timeout: number,
    slowest?: number,
  ) {
    const safe = slowest === undefined ? timeout : Math.max(Math.min(LEAST, timeout), SAFETY * slowest);
    this.answer = Math.max(timeout, safe);
    this.quick = safe;
    this.leastFence = slowest === undefined ? 0 : safe;
  }

  /** Limit for the next part of this exchange, in ms. */
  of(exchange: Exchange): number {
    const { command } = exchange;
    return command.timeout ?? (costsNothing(exchange) ? this.quick : this.answer);
  }

  /**
   * Limit for the response to a fence, in ms. It is shorter for the first fence than for the last: a lost response is
   * more likely than a slow module. The last one gets the time saved before, so that no module is given up earlier.
   */
  fence(attempt: number): number {
    const left = ATTEMPTS - 1 - attempt;
    const saved = left === 0 ? this.answer - this.quick : 0;
    return Math.max(this.timeout / 2 ** left, this.leastFence) + saved;
  }

  /** A late response was received this many ms after its command: later limits allow for that. */
  noteLate(ms: number): void {
    this.quick = Math.min(this.answer, Math.max(this.quick, SAFETY * ms));
  }
}

/**
 * Whether giving up loses nothing: a query is repeated, a body without a prompt is offered again, and a response that
 * lacks only its final result code is complete. On some firmware, ESC does not cancel a body of fixed length.
 */
function costsNothing(exchange: Exchange): boolean {
  const { command, phase } = exchange;
  if (phase === 'prompt') return !command.isFixedLength;
  return command.isRepeatable === true || isAnswered(exchange);
}
