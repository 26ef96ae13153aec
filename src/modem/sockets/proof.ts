import { isRejection } from '../../at';
import type { Ends, ListedSocket } from '../../sockets';
import type { Connection } from '../data/connection';
import type { CurrentLink } from '../link/current-link';
import type { Session } from '../link/session';

/** Takes turns with those that read and send. */
const LANE = 'proof';

/** What all ports said after something was read. */
interface Round {
  readonly session: Session;
  readonly listed: ReadonlyMap<number, ListedSocket>;
  /** Whether all was heard that the module had reported by then, to whichever port. */
  readonly isAllHeard: boolean;
}

/**
 * Proves that a socket id still was a connection when it was read, where that does not follow from the order on the line:
 * a list shows it, or all that was reported by then is heard and says nothing else. Whoever needs a proof before the
 * question is on the line shares it.
 */
export class Proof {
  /** The question that is not on the line yet. */
  private next: Promise<Round | undefined> | undefined;

  constructor(private readonly current: CurrentLink) {}

  async of(connection: Connection): Promise<boolean> {
    this.next ??= this.ask();
    const round = await this.next;
    const ends = round?.listed.get(connection.socketId)?.ends ?? (await this.acceptedEnds(connection, round));
    // Its end, or that of another under its socket id, may have been reported meanwhile.
    if (connection.state === 'closed') return false;
    if (ends) return connection.isProvedBy(ends);
    return round?.isAllHeard === true && connection.isCertain && connection.reportedTo !== undefined;
  }

  private ask(): Promise<Round | undefined> {
    let begin: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const round = this.question(begin).catch(() => undefined);
    void Promise.race([begun, round]).then(() => {
      if (this.next === round) this.next = undefined;
    });
    return round;
  }

  private async question(begin: () => void): Promise<Round | undefined> {
    const { session } = this.current;
    if (!session) return undefined;
    const isWanted = (): boolean => {
      begin();
      return true;
    };
    const [sockets, isAllHeard] = await Promise.all([
      session.sockets({ lane: LANE, isWanted }).catch(noneIfRejected),
      session.lines.hearSecond(),
    ]);
    return { session, listed: new Map(sockets.map((row) => [row.socketId, row])), isAllHeard };
  }

  /** Some firmware shows what a server accepted only in the list of that server. */
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

/** Firmware may say ERROR where it has nothing to list. */
export function noneIfRejected(error: unknown): [] {
  if (isRejection(error)) return [];
  throw error;
}
