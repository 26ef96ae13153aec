/**
 * Connections of a module to itself: what the host sends into one end can be read at the other, in whatever pieces and however
 * often. So their trace can be played to a host that sends more or less than then, and without its payload.
 */
import { dataIn, withData, withoutData } from './answer';
import { type Exchange, isReport, type Turn } from './dialogue';
import { readIn } from './payload';
import { acceptedIn } from './socket-knowledge';

/** What a socket receives from the other end. */
class Stream {
  /** Exchanges in which it was sent. */
  readonly sends: Exchange[] = [];
  /** … and what was read before the next of them. */
  readonly arrived: string[] = [];
  /** Exchanges in which it was read. */
  readonly reads: Exchange[] = [];
  private unread = '';
  /** The last of them that was played. */
  private last = -1;

  constructor(readonly socketId: string) {}

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
  /** As in the trace; `undefined` if it was sent again since. */
  readonly data?: string | undefined;
}

/** A client is opened to the module itself. */
const CLIENT = /^AT\+(?:QFWDCLIENT=\d+,(\d+),"\w+","tcp","127\.|QIOPEN=\d+,(\d+),"TCP","127\.)/i;
const SOCKET = /=(\d+)/;

export class Loopback {
  /** All turns but the reads of such connections. */
  readonly turns: readonly Turn[];
  private readonly arrivals = new Map<Exchange, Arrival>();
  /** By the id of the socket that receives, as of now. */
  private readonly streams = new Map<string, Stream>();

  constructor(turns: readonly Turn[]) {
    const streams = streamsIn(turns);
    for (const stream of streams) {
      const data = stream.arrivals();
      stream.sends.forEach((send, at) => this.arrivals.set(send, { stream, data: data[at] }));
    }
    const reads = new Set<Turn>(streams.flatMap((stream) => stream.reads));
    this.turns = turns.filter((turn) => !reads.has(turn));
  }

  /** The host has sent, and was answered as in an exchange. */
  note(send: Exchange, payload: string): void {
    const { stream, data } = this.arrivals.get(send) ?? {};
    if (!stream) return;
    this.arrivals.set(send, { stream });
    this.streams.set(stream.socketId, stream);
    stream.add(data === undefined ? payload : arriving(data, send.payload ?? '', payload));
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
    return this.streams.get(readIn(command)?.socketId ?? '');
  }
}

/** Those with payload, with what was sent and read. */
function streamsIn(turns: readonly Turn[]): Stream[] {
  const streams: Stream[] = [];
  /** By the socket that sends, and by the one that receives, of the connections that are open. */
  const from = new Map<string, Stream>();
  const to = new Map<string, Stream>();
  let client: string | undefined;
  const connect = (near: string, far: string): void => {
    const stream = new Stream(far);
    streams.push(stream);
    from.set(near, stream);
    to.set(far, stream);
  };
  for (const turn of turns) {
    const [text, key] = isReport(turn) ? [turn.text, ''] : [turn.answer, turn.key];
    const [, qfwd, tcpip] = CLIENT.exec(key) ?? [];
    client = qfwd ?? tcpip ?? client;
    const accepted = acceptedIn(text)?.toString();
    if (accepted !== undefined && client !== undefined) {
      connect(client, accepted);
      connect(accepted, client);
      client = undefined;
    }
    if (isReport(turn)) continue;
    const socketId = SOCKET.exec(key)?.[1] ?? '';
    const outgoing = turn.kind === 'send' ? from.get(socketId) : undefined;
    outgoing?.sends.push(turn);
    outgoing?.arrived.push('');
    const read = turn.kind === 'read' ? to.get(socketId) : undefined;
    const last = (read?.arrived.length ?? 0) - 1;
    if (!read || last < 0) continue;
    read.arrived[last] += dataIn(turn.answer);
    read.reads.push(turn);
  }
  return streams;
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
