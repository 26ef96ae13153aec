import type { Clock, Turn } from '../../at';
import type { Peer } from '../../sockets';
import type { Connection } from './connection';
import type { QfwdError } from '../errors';
import { laneOf } from '../link/lines';

export interface Sent {
  readonly bytes: number;
  readonly commands: number;
  /** Time until the module accepted all of it, in ms. */
  readonly ms: number;
}

/**
 * A payload to be sent to one connection, and the turn of all its commands. Many messages may be queued, so each is
 * small: it has no timer or closure of its own.
 */
export class Message implements Turn {
  /** Bytes that the module has accepted. */
  offset = 0;
  commands = 0;
  /** The socket id was assigned to another connection before the last piece was confirmed. */
  isMisled = false;
  readonly started: number;
  readonly lane: string;

  /** @param timeout in ms from now, for the module to accept all of it */
  constructor(
    readonly connection: Connection,
    readonly data: Buffer,
    readonly timeout: number,
    private readonly clock: Clock,
    private readonly resolve: (sent: Sent) => void,
    private readonly reject: (error: QfwdError) => void,
    /** The peer, for a socket of all peers. */
    readonly to?: Peer,
  ) {
    this.started = clock.now();
    this.lane = laneOf('send', connection.socketId);
  }

  /** Absolute time on the clock. */
  get deadline(): number {
    return this.started + this.timeout;
  }

  isWanted(): boolean {
    return this.connection.state !== 'closed' && this.clock.now() < this.deadline;
  }

  onAnswer(): void {
    this.isMisled = this.connection.isReplaced;
  }

  /** The module has accepted all of it. */
  done(): void {
    const ms = Math.round(this.clock.now() - this.started);
    this.resolve({ bytes: this.data.length, commands: this.commands, ms });
  }

  fail(error: QfwdError): void {
    this.reject(error);
  }
}
