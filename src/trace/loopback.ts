/**
 * Connections of a module to itself: what the host sends into one end can be read at the other, in whatever pieces and however
 * often. So their trace can be played to a host that sends more or less than then, and without its payload.
 */
import { dataIn, withData, withoutData } from './answer';
import { type Exchange, isReport, type Turn } from './dialogue';
import { readIn } from './payload';
import { acceptedBy, openedBy } from './socket-knowledge';

/** What a socket receives from the other end. */
class Stream {
  /** Exchanges of the trace in which it was sent, … */
  readonly sends: Exchange[] = [];
  /** … what was read after each of them and before the next, … */
  private readonly arrived: string[] = [];
  /** … and exchanges in which it was read. */
  readonly reads: Exchange[] = [];
  private unread = '';
  /** The last of them that was played. */
  private last = -1;

  constructor(readonly socketId: number) {}

  addSend(send: Exchange): void {
    this.sends.push(send);
    this.arrived.push('');
  }

  addRead(read: Exchange): void {
    const before = this.arrived.pop();
    if (before === undefined) return;
    this.arrived.push(before + dataIn(read.answer));
    this.reads.push(read);
  }

  /** What arrives with each send. If as much has come out as was sent, it has only been read late. */
  arrivals(): readonly string[] {
    const lengths = this.sends.map(({ payload = '' }) => payload.length);
    const all = this.arrived.join('');
    if (lengths.reduce((sum, length) => sum + length, 0) !== all.length) return this.arrived;
    let end = 0;
    return lengths.map((length) => all.slice(end, (end += length)));
  }

  add(data: string): void {
    this.unread += data;
  }

  /** The answer to a read of up to `length` bytes, like the next one of as many; `undefined` if there is nothing to read. */
  read(length: number): Exchange | undefined {
    const data = this.unread.slice(0, length);
    const isAlike = ({ answer }: Exchange): boolean => dataIn(answer).length === data.length;
    const next = this.reads.findIndex((read, at) => at > this.last && isAlike(read));
    const like = this.reads[next] ?? this.reads.filter(isAlike).at(-1) ?? this.reads.at(-1);
    if (data === '' || !like) return undefined;
    this.last = Math.max(this.last, next);
    this.unread = this.unread.slice(data.length);
    return { ...like, answer: withData(like.answer, data) };
  }
}

interface Arrival {
  readonly stream: Stream;
  /** What arrives of a payload; `undefined` if it was sent again since: all of it. */
  readonly data?: (payload: string) => string;
}

const CLIENT = /^AT\+(?:QFWDCLIENT=\d+,(\d+),"\w+","tcp","127\.|QIOPEN=\d+,(\d+),"TCP","127\.)/i;
const SOCKET = /=(\d+)/;

export class Loopback {
  /** All turns but the reads of such connections. */
  readonly turns: readonly Turn[];
  private readonly arrivals = new Map<Turn, Arrival>();
  /** By the id of the socket that receives, as of now. */
  private readonly streams = new Map<number, Stream>();

  constructor(turns: readonly Turn[]) {
    const streams = streamsIn(turns);
    for (const stream of streams) {
      const arrivals = stream.arrivals();
      stream.sends.forEach((send, at) => {
        const data = (payload: string): string => arriving(arrivals[at] ?? '', send.payload ?? '', payload);
        this.arrivals.set(send, { stream, data });
      });
    }
    const reads = new Set<Turn>(streams.flatMap((stream) => stream.reads));
    this.turns = turns.filter((turn) => !reads.has(turn));
  }

  /** A turn was played, and the host has sent `payload` with it. */
  note(turn: Turn, payload = ''): void {
    for (const socketId of openedBy(turn)) this.streams.delete(socketId);
    const { stream, data } = this.arrivals.get(turn) ?? {};
    if (!stream) return;
    this.arrivals.set(turn, { stream });
    this.streams.set(stream.socketId, stream);
    stream.add(data === undefined ? payload : data(payload));
  }

  /** The answer to a read, if there is something. */
  read(command: string): Exchange | undefined {
    return this.streamOf(command)?.read(readIn(command)?.length ?? Infinity);
  }

  /** The answer to a read as if there was nothing. */
  emptyRead(command: string): Exchange | undefined {
    const read = this.streamOf(command)?.reads[0];
    return read && { ...read, kind: 'query', answer: withoutData(read.answer) };
  }

  /** What a command reads. */
  private streamOf(command: string): Stream | undefined {
    const { socketId } = readIn(command) ?? {};
    return socketId === undefined ? undefined : this.streams.get(socketId);
  }
}

/** All of them, with what was sent and read. */
function streamsIn(turns: readonly Turn[]): Stream[] {
  const streams: Stream[] = [];
  /** By the socket that sends, and by the one that receives, of the connections that are open. */
  const from = new Map<number, Stream>();
  const to = new Map<number, Stream>();
  const connect = (near: number, far: number): void => {
    const stream = new Stream(far);
    streams.push(stream);
    from.set(near, stream);
    to.set(far, stream);
  };
  let client: number | undefined;
  for (const turn of turns) {
    for (const socketId of openedBy(turn)) {
      from.delete(socketId);
      to.delete(socketId);
    }
    client = clientIn(turn) ?? client;
    const accepted = acceptedBy(turn);
    if (client !== undefined && accepted !== undefined) {
      connect(client, accepted);
      connect(accepted, client);
      client = undefined;
    }
    if (isReport(turn)) continue;
    const socketId = Number(SOCKET.exec(turn.key)?.[1]);
    if (turn.kind === 'send') from.get(socketId)?.addSend(turn);
    if (turn.kind === 'read') to.get(socketId)?.addRead(turn);
  }
  return streams;
}

/** The client that is opened to the module itself. */
function clientIn(turn: Turn): number | undefined {
  const [, qfwd, tcpip] = isReport(turn) ? [] : (CLIENT.exec(turn.key) ?? []);
  const socketId = qfwd ?? tcpip;
  return socketId === undefined ? undefined : Number(socketId);
}

/**
 * What arrives of a payload.
 * @param data what has arrived then
 * @param sent of this payload
 */
function arriving(data: string, sent: string, payload: string): string {
  const isMasked = /^x*$/.test(data);
  if (data.length === sent.length) return isMasked || sent.length !== payload.length ? payload : data;
  return isMasked && data.length <= payload.length ? payload.slice(0, data.length) : data;
}
