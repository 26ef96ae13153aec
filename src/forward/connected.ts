/** A connection that is forwarded: its events, its time without data, and its end. */
import { Deadline } from '../at';
import { type ConnectionStream, type QfwdError, toQfwdError } from '../modem';
import type { ForwardCloseReason, ForwardedEnds, ForwardHost } from './forward';

/** What became of a forwarded connection is told once both its ends are closed. */
export class Connected {
  private reason: ForwardCloseReason | undefined;
  private readonly ends: ForwardedEnds;
  private readonly openedAt: number;
  private readonly idle: Deadline;

  /**
   * @param far the stream of the connection
   * @param idleTimeout in ms; 0 = none
   * @param near which end is the one at this computer
   */
  constructor(
    private readonly host: ForwardHost,
    private readonly far: ConnectionStream,
    private readonly idleTimeout: number,
    near: 'from' | 'to',
    { from, to }: Pick<ForwardedEnds, 'from' | 'to'>,
  ) {
    const { socketId, ends } = far.connection;
    this.ends = { socketId, ...ends, from, to };
    far.connection.otherEnd = this.ends[near];
    this.openedAt = host.modem.clock.now();
    this.idle = new Deadline(host.modem.clock, () => this.onIdle());
    host.observer.onEvent({ event: 'client/open', ...this.ends });
    far.once('end', () => this.note('peer'));
    far.once('error', (error) => this.onFarError(error));
    far.once('close', () => this.onClose());
    if (idleTimeout > 0) this.idle.set(idleTimeout);
  }

  /** The first reason is the one that is told. */
  note(reason: ForwardCloseReason): void {
    this.reason ??= reason;
  }

  /** One of its ends has failed. */
  fail(error: QfwdError): void {
    this.note('local');
    this.host.observer.onError(error);
  }

  /** Ends it now. */
  end(reason: ForwardCloseReason): void {
    this.note(reason);
    this.far.destroy();
  }

  private onFarError(error: Error): void {
    const failure = toQfwdError(error);
    const { from, to } = this.ends;
    if (this.reason === undefined)
      this.host.observer.onError(failure.withMessage(`${failure.message} (${from} to ${to})`));
    this.note(failure.code === 'QFWD_CLOSED' ? 'peer' : 'lost');
  }

  private onClose(): void {
    this.idle.cancel();
    const { bytesIn, bytesOut } = this.far.connection;
    const ms = Math.round(this.host.modem.clock.now() - this.openedAt);
    const reason = this.reason ?? 'local';
    this.host.observer.onEvent({ event: 'client/close', bytesIn, bytesOut, ms, reason, ...this.ends });
  }

  private onIdle(): void {
    const left = this.idleTimeout - this.far.connection.silence;
    if (left > 0) this.idle.set(left);
    else this.end('idle');
  }
}
