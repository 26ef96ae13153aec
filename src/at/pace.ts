/**
 * How long a module is waited for. Where giving up early could cost something it is as long as the user wants, or longer
 * if the module was measured to be slow. Where it costs nothing, it is as short as the slowest answer measured allows.
 */
import { type Exchange, isAnswered } from './exchange';
import { ATTEMPTS } from './resync';

/** What answers within some time always did so within a fifth of what is waited for. */
const SAFETY = 5;
/** Modules and hosts may be busy with other things for so many ms. */
const LEAST = 1000;

export class Pace {
  /** For an answer, in ms. */
  readonly answer: number;
  /** For what can be asked again, or is not needed. */
  private quick: number;
  private readonly leastFence: number;

  /**
   * @param timeout what the user wants, in ms
   * @param slowest the longest that this module was measured to take for an answer, in ms
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

  /** For the next that is to come of this exchange, in ms. */
  of(exchange: Exchange): number {
    const { command } = exchange;
    return command.timeout ?? (costsNothing(exchange) ? this.quick : this.answer);
  }

  /**
   * For the answer of a fence, in ms. The first one is not waited for as long as the last: a lost answer is more likely
   * than a slow module. What was saved before does not make a module count as dead any sooner.
   */
  fence(attempt: number): number {
    const left = ATTEMPTS - 1 - attempt;
    const saved = left === 0 ? this.answer - this.quick : 0;
    return Math.max(this.timeout / 2 ** left, this.leastFence) + saved;
  }

  /** What was waited for came after all, so many ms after its command: it takes that long at times. */
  noteLate(ms: number): void {
    this.quick = Math.min(this.answer, Math.max(this.quick, SAFETY * ms));
  }
}

/**
 * A query is asked again, a body that was not prompted for is offered again, and an answer that lacks only its final
 * result code says all. What opened a body of fixed length is not left by ESC on every firmware.
 */
function costsNothing(exchange: Exchange): boolean {
  const { command, phase } = exchange;
  if (phase === 'prompt') return !command.isFixedLength;
  return command.isRepeatable === true || isAnswered(exchange);
}
