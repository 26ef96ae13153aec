import type { Received } from '../../sockets';
import type { CurrentLink } from '../link/current-link';
import { type DataTurn, laneOf } from '../link/lines';
import type { Connection } from './connection';
import type { Consumers } from './consumers';

/**
 * Which connection the data of a read belongs to:
 *
 * - `its`: the connection that was read.
 * - `unproved`: probably the same, but a URC to the contrary may be lost, or arrive on another port.
 * - `doubtful`: the connection was closed before the response, so its socket id may mean another connection.
 */
export type Attribution = 'its' | 'unproved' | 'doubtful';

export interface ReadTurnOptions {
  readonly current: CurrentLink;
  isWanted(): boolean;
  /** An empty datagram was reported: an empty response is that datagram. */
  readonly isEmptyDatagramDue?: boolean;
  mayJoin?(): boolean;
  onWritten?(): void;
  /** Data before it is not delivered yet, so this can not be either. */
  isOutOfTurn?(): boolean;
  /** Called at once if the data is not certain to be its own. */
  onUnproved?(): void;
  /** Called at once with the length of the data. */
  onLength?(bytes: number): void;
  /** Get data that is `its` at once: the next line may be the close URC of the connection. */
  readonly consumers?: Pick<Consumers, 'deliver'>;
}

/** Whether a read returned data, or an empty datagram. */
export function hasData({ data, from }: Received): boolean {
  return data.length > 0 || from !== undefined;
}

/** One read of a connection. Its data is attributed in the order of the response and the URCs on the line. */
export class ReadTurn implements DataTurn<Received> {
  readonly lane: string;
  isOverSecond = false;
  attribution: Attribution = 'its';
  /** Whether the response had data, or was an empty datagram. */
  hasData = false;

  constructor(
    private readonly connection: Connection,
    private readonly options: ReadTurnOptions,
  ) {
    this.lane = laneOf('receive', connection.socketId);
  }

  isWanted(): boolean {
    return this.connection.isReadable && this.options.isWanted();
  }

  mayJoin(): boolean {
    return this.options.mayJoin?.() !== false;
  }

  onWritten(): void {
    this.options.onWritten?.();
  }

  onAnswer(received: Received): void {
    this.options.onLength?.(received.data.length);
    this.hasData = hasData(received) || this.options.isEmptyDatagramDue === true;
    if (!this.hasData) return;
    this.attribution = this.attribute();
    if (this.attribution === 'its') this.options.consumers?.deliver(this.connection, received);
    else this.options.onUnproved?.();
  }

  private attribute(): Attribution {
    const { state, isCertain, isExclusive, isShared } = this.connection;
    if (state === 'closed') return 'doubtful';
    if (this.options.isOutOfTurn?.() === true) return 'unproved';
    if (isExclusive || isShared) return 'its';
    // After the close, the URC of the next connection with this socket id may arrive on the other port.
    const isInDoubt = !isCertain || (state === 'ending' && this.options.current.areReportsSplit);
    return isInDoubt || !this.isInOrder ? 'unproved' : 'its';
  }

  /** Whether the response came on the port of the connection's URCs, so that all earlier URCs were received. */
  private get isInOrder(): boolean {
    const { reportedTo } = this.connection;
    const { port } = this.options.current;
    return this.isOverSecond ? reportedTo !== undefined && reportedTo !== port : reportedTo === port;
  }
}
