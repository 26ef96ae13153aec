import { type AtError, isRejection } from '../../at';
import type { Connection } from './connection';
import type { DataOwner } from './data-owner';
import { type QfwdError, readFailure } from '../errors';
import { laneOf } from '../link/lines';
import type { Session } from '../link/session';
import type { Unread } from './unread';

/** All there is would have no end where the peer sends faster than it can be read. In bytes. */
const MAX_REQUEST = 1024 * 1024;
const NOTHING = Buffer.alloc(0);

/** Reads when it is told to, for whoever asks for data himself. */
export class RequestReader {
  /** The last request of each connection. */
  private readonly requests = new WeakMap<Connection, Promise<unknown>>();

  /** @param unread what was read before and nobody took */
  constructor(
    private readonly unread: Unread,
    private readonly owner: Pick<DataOwner, 'onDrained'>,
  ) {}

  /**
   * Reads what there is, at most `length` bytes; one request after the other on each connection. Rejects with a
   * {@link QfwdError}.
   * @param onLost told when an answer after the first was lost; what came before it is given
   */
  async read(
    session: Pick<Session, 'commands' | 'receive'>,
    connection: Connection,
    length = MAX_REQUEST,
    onLost: (error: QfwdError) => void,
  ): Promise<Buffer> {
    const before = this.requests.get(connection) ?? Promise.resolve();
    const request = before.then(() => this.readAll(session, connection, length, onLost));
    this.requests.set(
      connection,
      request.catch(() => undefined),
    );
    return request;
  }

  private async readAll(
    session: Pick<Session, 'commands' | 'receive'>,
    connection: Connection,
    length: number,
    onLost: (error: QfwdError) => void,
  ): Promise<Buffer> {
    const pieces: Buffer[] = [];
    const { socketId, protocol } = connection;
    const turn = { lane: laneOf('receive', socketId), isWanted: () => connection.state !== 'closed' };
    let missing = length;
    let isEmpty = false;
    const kept = this.unread.takeSome(connection, length);
    if (kept && protocol === 'udp') return kept;
    if (kept) {
      pieces.push(kept);
      missing -= kept.length;
    }
    while (missing > 0 && !isEmpty) {
      const wanted = Math.min(missing, session.commands.limits.receiveLength);
      const { data: piece } = await session.receive(socketId, wanted, turn).catch((error: unknown) => {
        // Nothing to read is ERROR on some firmware.
        if (isRejection(error)) return { data: NOTHING };
        const reason = readFailure(socketId, error as AtError);
        if (pieces.length === 0) throw reason;
        if (reason.code === 'QFWD_UNKNOWN_OUTCOME') onLost(reason);
        return { data: NOTHING };
      });
      pieces.push(piece);
      connection.noteReceived(piece.length);
      missing -= piece.length;
      isEmpty = piece.length === 0;
      // A datagram ends the message that asked for it. A short read does not: some firmware gives a packet at a time.
      if (protocol === 'udp') break;
    }
    if (isEmpty && connection.state === 'ending') this.owner.onDrained(connection);
    return Buffer.concat(pieces);
  }
}
