import type { Clock, Turn } from '../../at';
import type { Connection } from './connection';
import type { QfwdError } from '../errors';
import { laneOf } from '../link/lines';

export interface Sent {
  readonly bytes: number;
  readonly commands: number;
  /** From being handed over to being taken by the module. */
  readonly ms: number;
}

/**
 * A payload on its way to one connection. All its commands wait with it as their turn. Many may wait, so it is small: no
 * timer and no closure of its own.
 */
export class Message implements Turn {
  /** How much of it the module has taken, in bytes. */
  offset = 0;
  commands = 0;
  /** The module gave the socket id to another connection before it said that it took the last piece. */
  isMisled = false;
  readonly started: number;

  /** @param timeout ms from now in which the module has to take all of it */
  constructor(
    readonly connection: Connection,
    readonly data: Buffer,
    readonly timeout: number,
    private readonly clock: Clock,
    private readonly resolve: (sent: Sent) => void,
    private readonly reject: (error: QfwdError) => void,
  ) {
    this.started = clock.now();
  }

  get lane(): string {
    return laneOf('send', this.connection.socketId);
  }

  /** As a time of the clock. */
  get deadline(): number {
    return this.started + this.timeout;
  }

  isWanted(): boolean {
    return this.connection.state !== 'closed' && this.clock.now() < this.deadline;
  }

  onAnswer(): void {
    this.isMisled = this.connection.isReplaced;
  }

  /** The module has taken all of it. */
  done(): void {
    const ms = Math.round(this.clock.now() - this.started);
    this.resolve({ bytes: this.data.length, commands: this.commands, ms });
  }

  fail(error: QfwdError): void {
    this.reject(error);
  }
}
