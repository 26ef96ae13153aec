import type { Received } from '../../sockets';
import type { CurrentLink } from '../link/current-link';
import { type DataTurn, laneOf } from '../link/lines';
import type { Connection } from './connection';

/**
 * Whose the data is that a read brought:
 *
 * - `its`: of the connection that was read.
 * - `unproved`: the same, as far as was heard; but what would tell otherwise comes over another port, or not at all.
 * - `doubtful`: its socket id was given to another connection between the question and the answer.
 */
export type Attribution = 'its' | 'unproved' | 'doubtful';

export interface ReadTurnOptions {
  readonly current: CurrentLink;
  isWanted(): boolean;
  /** Told of what is `its` at once: what follows on the line may be the end of the connection. */
  deliver?(data: Buffer): void;
}

/** One read of a connection, whose data is attributed at its place among the reports on the line. */
export class ReadTurn implements DataTurn<Received> {
  readonly lane: string;
  isOverSecond = false;
  attribution: Attribution = 'its';

  constructor(
    private readonly connection: Connection,
    private readonly options: ReadTurnOptions,
  ) {
    this.lane = laneOf('receive', connection.socketId);
  }

  isWanted(): boolean {
    return this.connection.isReadable && this.options.isWanted();
  }

  onAnswer({ data }: Received): void {
    if (data.length === 0) return;
    this.attribution = this.attribute();
    if (this.attribution === 'its') this.options.deliver?.(data);
  }

  private attribute(): Attribution {
    const { state, isCertain, isExclusive, isShared } = this.connection;
    if (state === 'closed') return 'doubtful';
    if (isExclusive || isShared) return 'its';
    // Who has the socket id after its end may have been reported to another port.
    const isInDoubt = !isCertain || (state === 'ending' && this.options.current.areReportsSplit);
    return isInDoubt || !this.isInOrder ? 'unproved' : 'its';
  }

  /** Whether the answer came where the connection is reported, so that all reports before it were heard. */
  private get isInOrder(): boolean {
    const { reportedTo } = this.connection;
    const { port } = this.options.current;
    return this.isOverSecond ? reportedTo !== undefined && reportedTo !== port : reportedTo === port;
  }
}
