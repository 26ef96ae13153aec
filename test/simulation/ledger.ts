/** What was sent, what arrived and what was told, and the rules between them. */
import type { Connection, SocketEvent } from '../../src/modem';
import { DatagramLedger } from './datagram-ledger';
import { type Dispatch, isUnknown, KILLED, mayArrive } from './dispatch';
import { Garbling } from './garbling';
import { parse, records } from './record';
import type { Talk } from './talk';

interface Inbound {
  readonly chunks: Buffer[];
  /** How often the flow was told that something may be missing. */
  misses: number;
  /** The peer's, where the modem knows it. */
  port: number | undefined;
  /** Not closed by its peer, so what is left in the module need not arrive. */
  isCutShort: boolean;
}

/** What excuses only that data of a peer is lost. */
const INBOUND_ONLY: ReadonlySet<string> = new Set(['missed', 'cut short', 'not open', KILLED]);

export class Ledger {
  readonly talks = new Map<string, Talk>();
  readonly dispatches: Dispatch[] = [];
  readonly datagrams = new DatagramLedger(this);
  /** Payload that was changed on the line. */
  readonly garbling = new Garbling();
  /** Errors that belong to no connection any more, and say that data may be missing. */
  problems = 0;
  readonly violations: string[] = [];
  /** Socket ids of what is open, as events tell it, by owner and id. */
  private readonly open = new Map<string, number>();
  /** Connections of clients that were reported as open. */
  private readonly reported = new Set<Talk>();
  private readonly inbound = new Map<string, Inbound>();
  private readonly numbers = new Map<string, number>();

  /** What the flow knows a connection by: it is told of no peer's label. */
  labelOf({ id }: Connection): string {
    const number = this.numbers.get(id) ?? this.numbers.size + 1;
    this.numbers.set(id, number);
    return `c${number}`;
  }

  take(connection: Connection, data: Buffer, from?: { readonly port: number }): void {
    if (connection.protocol === 'udp') this.datagrams.take(connection, data, from);
    else this.of(connection).chunks.push(this.garbling.restore(data));
  }

  miss(connection: Connection): void {
    if (connection.protocol === 'udp') this.datagrams.noteIncomplete(connection);
    else this.of(connection).misses++;
  }

  cutShort(connection: Connection): void {
    if (connection.protocol === 'udp') this.datagrams.noteIncomplete(connection);
    else this.of(connection).isCutShort = true;
  }

  /** An event of a server or client. */
  tell(owner: string, event: SocketEvent): void {
    const { socketId = -1 } = event;
    const key = `${owner} ${socketId}`;
    if (event.event === 'client/open') this.noteClient(owner, event.localPort);
    if (event.event === 'client/incoming' || event.event === 'client/open') {
      if (this.open.has(key) && !event.adopted) this.breach(`${event.event} of ${key}, which is open`);
      this.open.set(key, socketId);
    } else if (event.event === 'client/close' && !this.open.delete(key)) {
      this.breach(`client/close of ${key}, which is not open`);
    }
  }

  /** A client was reported as open; where the module does not say its port, it is the latest connection of this owner. */
  private noteClient(owner: string, localPort: number | undefined): void {
    const talk = [...this.talks.values()]
      .filter(({ host, socket }) => host === owner && (!localPort || socket.remotePort === localPort))
      .at(-1);
    if (talk) this.reported.add(talk);
  }

  /** Compares what events say with the connections that there are. */
  checkOpen(socketIds: readonly number[]): void {
    for (const [key, socketId] of this.open)
      if (!socketIds.includes(socketId)) this.breach(`${key} is over, and nobody was told`);
  }

  readonly breach = (text: string): void => void this.violations.push(text);

  /** Compares all of it, when everything is over. */
  close(): void {
    const arrivedOf = new Map<string, number>();
    for (const [id, inbound] of this.inbound) {
      const label = this.checkInbound(`c${this.numbers.get(id) ?? '?'}`, inbound, arrivedOf);
      for (const talk of this.talks.values()) {
        const isIts = talk.label === label || (label === undefined && talk.port === inbound.port);
        if (isIts && inbound.isCutShort) talk.excuses.add('cut short');
        if (isIts && inbound.misses > 0) talk.excuses.add('missed');
      }
    }
    for (const talk of this.talks.values()) {
      // Of a client whose opening failed as far as the modem knows, nobody reads.
      if (talk.host !== undefined && !this.reported.has(talk)) talk.excuses.add('not open');
      const arrived = arrivedOf.get(talk.label) ?? 0;
      if (arrived < talk.written && talk.excuses.size === 0 && this.problems === 0)
        this.breach(
          `${talk.written - arrived} of ${talk.written} records of ${talk.label} are lost without a word`,
        );
      this.checkOutbound(talk);
    }
    for (const { label, first, outcome } of this.dispatches)
      if (!outcome) this.breach(`a message to ${label}, from record ${first}, has no end`);
    this.datagrams.close();
    if (!this.garbling.isEven) this.breach('more of the payload is changed than the line has changed');
  }

  /** Node-RED was killed: a flow knows nothing any more, and what was read and not yet handed over is lost. */
  noteKilled(): void {
    this.open.clear();
    for (const talk of this.talks.values()) talk.excuses.add(KILLED);
    for (const talk of this.datagrams.talks.values()) talk.excuses.add(KILLED);
  }

  /** @returns the label of the peer whose data it is */
  private checkInbound(
    name: string,
    { chunks, misses, isCutShort }: Inbound,
    arrivedOf: Map<string, number>,
  ): string | undefined {
    const { records: found, fragments } = parse(Buffer.concat(chunks));
    const label = found[0]?.label;
    const isTold = misses > 0 || this.problems > 0;
    for (const one of found) {
      const last = arrivedOf.get(one.label) ?? 0;
      const excuses = this.talks.get(one.label)?.excuses;
      // It was told of the same connection before the module was started anew, or could not be told to a killed process.
      const isToldBefore = one === found[0] && [KILLED, 'missed'].some((it) => excuses?.has(it));
      if (one.label !== label) this.breach(`${name} carries data of ${label ?? ''} and ${one.label}`);
      if (one.number < last) this.breach(`record ${one.number} of ${one.label} is doubled or late`);
      else if (one.number > last && !isTold && !isToldBefore)
        this.breach(`records ${last} to ${one.number - 1} of ${one.label} are missing without a word`);
      arrivedOf.set(one.label, one.number + 1);
    }
    const talk = this.talks.get(label ?? '');
    if (label !== undefined && !talk) this.breach(`${name} carries data of nobody: ${label}`);
    const whole = records(label ?? '', 0, talk?.written ?? 0).toString('latin1');
    const isAtEnd = isCutShort || (talk !== undefined && talk.excuses.size > 0);
    for (const fragment of fragments) {
      if (!isTold && !isAtEnd)
        this.breach(`${name} carries a piece of a record, without a word: ${quote(fragment)}`);
      // Another program may have had the port change line ends.
      else if (label !== undefined && !isPieceOf(whole, fragment.replace(/\r+/g, '\r')))
        this.breach(`${name} carries what ${label} has not sent: ${quote(fragment)}`);
    }
    return label;
  }

  private checkOutbound(talk: Talk): void {
    const { records: found, fragments } = parse(this.garbling.restore(talk.received));
    const labels = new Set(found.map(({ label }) => label));
    const mine = this.dispatches.filter((it) => it.port === talk.port || labels.has(it.label));
    const isPartial = mine.some((it) => it.outcome !== 'sent' && (isUnknown(it) || (it.taken ?? 0) > 0));
    const isExcused = [...talk.excuses].some((reason) => !INBOUND_ONLY.has(reason));
    if (fragments.length > 0 && !isPartial && !isExcused)
      this.breach(`${talk.label} got a piece of a record, and no message failed: ${quote(fragments[0]!)}`);
    const lasts = new Map<string, number>();
    const arrived = new Set<string>();
    for (const { label, number } of found) {
      const dispatch = this.dispatchOf(label, number);
      const isMisled = dispatch?.port !== undefined && dispatch.port !== talk.port;
      if (isMisled && !isUnknown(dispatch)) this.breach(`${talk.label} got what was sent to ${label}`);
      if (number <= (lasts.get(label) ?? -1))
        this.breach(`record ${number} to ${talk.label} is doubled or late`);
      lasts.set(label, number);
      arrived.add(`${label}#${number}`);
      if (dispatch && !mayArrive(dispatch))
        this.breach(`record ${number} to ${talk.label} was told as ${dispatch.outcome ?? 'pending'}`);
    }
    const isOnly = [...this.talks.values()].every((other) => other === talk || other.port !== talk.port);
    for (const { label, first, count, outcome } of mine) {
      if (outcome !== 'sent' || isExcused || !(isOnly || labels.has(label))) continue;
      for (let number = first; number < first + count; number++)
        if (!arrived.has(`${label}#${number}`))
          this.breach(`record ${number} to ${talk.label} was told as sent, and is lost`);
    }
  }

  private dispatchOf(label: string, number: number): Dispatch | undefined {
    return this.dispatches.find(
      (it) => it.label === label && number >= it.first && number < it.first + it.count,
    );
  }

  private of({ id, ends }: Connection): Inbound {
    const inbound = this.inbound.get(id) ?? { chunks: [], misses: 0, port: undefined, isCutShort: false };
    this.inbound.set(id, inbound);
    inbound.port ??= ends?.port;
    return inbound;
  }
}

/** Several pieces may meet in one place, with line ends that a setting of the port has added. */
function isPieceOf(whole: string, fragment: string, most = 5): boolean {
  if (fragment === '' || most === 0) return fragment === '';
  // The longest beginning of it that was sent.
  let [low, high] = [0, fragment.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (whole.includes(fragment.slice(0, middle))) low = middle;
    else high = middle - 1;
  }
  return low > 0 && isPieceOf(whole, fragment.slice(low), most - 1);
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
