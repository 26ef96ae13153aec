import { type AtError, isRejection } from '../../at';
import type { Received } from '../../sockets';
import type { Connection } from './connection';
import type { DataOwner } from './data-owner';
import { connectionClosed, QfwdError, readFailure } from '../errors';
import type { CurrentLink } from '../link/current-link';
import type { ReadReason, Reads } from '../link/reads';
import type { Session } from '../link/session';
import { hasData, ReadTurn } from './read-turn';
import type { Reader } from './reader';
import type { Unread } from './unread';

export interface RequestReaderOptions {
  readonly current: CurrentLink;
  /** Data that was read earlier, but had no consumer. */
  readonly unread: Unread;
  readonly owner: Pick<DataOwner, 'admits' | 'isAlive' | 'onDrained' | 'prove'>;
  /** Knows what was announced, and informs the consumers of data that may belong to another connection. */
  readonly reader: Pick<Reader, 'isAnnounced' | 'noteRequested' | 'doubt'>;
}

/** The part of a session that requests use. */
export interface RequestSession extends Pick<Session, 'commands'> {
  readonly reads: Pick<Reads, 'receive'>;
}

/** Limit in bytes of one request: without it, a request would not end if the peer sends faster than it is read. */
const MAX_REQUEST = 1024 * 1024;
const NOTHING: Received = { data: Buffer.alloc(0) };

/** Reads on request, for consumers that request data themselves. */
export class RequestReader {
  /** The last request of each connection. */
  private readonly requests = new WeakMap<Connection, Promise<unknown>>();

  constructor(private readonly options: RequestReaderOptions) {}

  /**
   * Reads the available data, at most `length` bytes. Requests of one connection run one after the other. Rejects
   * with a {@link QfwdError}.
   * @param onLost called if a piece may be damaged, or a later one lost; the pieces before it are returned
   */
  async read(
    session: RequestSession,
    connection: Connection,
    length = MAX_REQUEST,
    onLost: (error: QfwdError) => void,
  ): Promise<Received> {
    const before = this.requests.get(connection) ?? Promise.resolve();
    const request = before.then(() => this.readAll(session, connection, length, onLost));
    this.requests.set(
      connection,
      request.catch(() => undefined),
    );
    return request;
  }

  private async readAll(
    session: RequestSession,
    connection: Connection,
    length: number,
    onLost: (error: QfwdError) => void,
  ): Promise<Received> {
    const { owner, reader, unread } = this.options;
    const pieces: Buffer[] = [];
    const { socketId, protocol } = connection;
    if (!connection.isCertain) await owner.isAlive(connection);
    const { clear, isAdmitted, state } = connection;
    // What was decoded is there even if the socket has nothing more.
    if (clear && isAdmitted && state !== 'closed') return { data: await clear.read(length) };
    if (!connection.isReadable) throw connectionClosed(socketId, connection.ends);
    let missing = length;
    let isEmpty = false;
    let isFull = false;
    let datagram: Received | undefined;
    const kept = unread.takeSome(connection, length);
    if (kept && protocol === 'udp') return kept;
    if (kept) {
      pieces.push(kept.data);
      missing -= kept.data.length;
    }
    while (missing > 0 && !isEmpty) {
      const wanted = Math.min(missing, session.commands.limits.receiveLength);
      const reason: ReadReason = reader.isAnnounced(connection) ? 'announced' : isFull ? 'likely' : 'poll';
      const received: Received = await this.readOnce(session, connection, wanted, reason).catch(
        (error: unknown) => {
          // Some firmware responds with ERROR if there is no data.
          if (isRejection(error)) return NOTHING;
          const reason = error instanceof QfwdError ? error : readFailure(socketId, error as AtError);
          if (pieces.length === 0) throw reason;
          if (reason.code === 'QFWD_UNKNOWN_OUTCOME') onLost(reason);
          return NOTHING;
        },
      );
      reader.noteRequested(connection);
      const { data, from } = received;
      // A datagram of a peer that is not admitted counts as none.
      if (hasData(received) && !owner.admits(connection, from)) continue;
      connection.noteReceived(data.length);
      missing -= data.length;
      isEmpty = !hasData(received);
      isFull = data.length === wanted;
      pieces.push(data);
      datagram = received;
      // A request returns one datagram. For TCP, a short read does not end it: some firmware returns single packets.
      if (protocol === 'udp') break;
    }
    if (isEmpty && connection.state === 'ending') owner.onDrained(connection, true);
    return protocol === 'udp' && datagram ? datagram : { data: Buffer.concat(pieces) };
  }

  /** Rejects with an {@link AtError}, or with a {@link QfwdError} if the data may belong to another connection. */
  private async readOnce(
    session: RequestSession,
    connection: Connection,
    length: number,
    reason: ReadReason,
  ): Promise<Received> {
    const { current, owner, reader } = this.options;
    const turn = new ReadTurn(connection, { current, isWanted: () => true });
    const received = await session.reads.receive(connection.socketId, length, turn, reason);
    const isIts =
      turn.attribution === 'its' || (turn.attribution === 'unproved' && (await owner.prove(connection)));
    if (isIts) return received;
    throw reader.doubt(connection, received.data.length);
  }
}
