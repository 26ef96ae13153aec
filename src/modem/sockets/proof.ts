import { isRejection } from '../../at';
import type { Ends, ListedSocket } from '../../sockets';
import type { Connection } from '../data/connection';
import type { CurrentLink } from '../link/current-link';
import type { Session } from '../link/session';
import { Shared } from './shared';

/** Queue lane; alternates with reads and sends. */
const LANE = 'proof';

/** State of all ports after a read. */
interface Round {
  readonly session: Session;
  readonly listed: ReadonlyMap<number, ListedSocket>;
  /** Whether all URCs sent up to then, on any port, have been received. */
  readonly isAllHeard: boolean;
}

/**
 * Proves that a socket id still was the same connection when it was read, where the order on one port cannot show it:
 * a list shows it, or all URCs sent by then are received and none contradicts it. Requests made before the query is
 * sent share one query.
 */
export class Proof {
  private readonly round: Shared<Round | undefined>;

  constructor(current: CurrentLink) {
    this.round = new Shared((isWanted) => ask(current, isWanted).catch(() => undefined));
  }

  async of(connection: Connection): Promise<boolean> {
    const round = await this.round.answer();
    const ends = round?.listed.get(connection.socketId)?.ends ?? (await this.acceptedEnds(connection, round));
    // The URC for its end, or for another connection with its socket id, may have arrived meanwhile.
    if (connection.state === 'closed') return false;
    if (ends) return connection.isProvedBy(ends);
    return round?.isAllHeard === true && connection.isCertain && connection.reportedTo !== undefined;
  }

  /** Some firmware shows accepted connections only in the list of their server. */
  private async acceptedEnds(
    { socketId, serverId }: Connection,
    round: Round | undefined,
  ): Promise<Ends | undefined> {
    if (!round || serverId === undefined) return undefined;
    const isComplete = [...round.listed.values()].some(({ direction }) => direction === 'income');
    if (isComplete) return undefined;
    const accepted = await round.session.accepted(serverId, { lane: LANE }).catch(() => []);
    return accepted.find((row) => row.socketId === socketId);
  }
}

async function ask({ session }: CurrentLink, isWanted: () => boolean): Promise<Round | undefined> {
  if (!session) return undefined;
  const [sockets, isAllHeard] = await Promise.all([
    session.sockets({ lane: LANE, isWanted }).catch(noneIfRejected),
    session.lines.hearSecond(),
  ]);
  return { session, listed: new Map(sockets.map((row) => [row.socketId, row])), isAllHeard };
}

/** Some firmware answers ERROR to an empty list. */
function noneIfRejected(error: unknown): [] {
  if (isRejection(error)) return [];
  throw error;
}
