/** What was sent and what arrived as datagrams, one record each, and the rules between them. */
import type { Connection } from '../../src/modem';
import type { DatagramTalk } from './datagram-talk';
import { type Dispatch, isUnknown, mayArrive } from './dispatch';
import type { Garbling } from './garbling';
import { type Parsed, parse, type Record } from './record';

/** The other end, as the modem tells it. */
interface Sender {
  readonly port: number;
}

interface Arrival extends Parsed {
  readonly connection: Connection;
  /** The peer's, where the modem knows it. */
  readonly port: number | undefined;
}

export interface DatagramLedgerHost {
  readonly garbling: Garbling;
  /** Errors that belong to no connection, and say that data may be missing. */
  readonly problems: number;
  readonly breach: (text: string) => void;
}

export class DatagramLedger {
  readonly talks = new Map<string, DatagramTalk>();
  /** One record each. */
  readonly dispatches: Dispatch[] = [];
  private readonly arrivals: Arrival[] = [];
  /** Connections of which the flow was told that something may be missing, or which it has closed itself. */
  private readonly incomplete = new Set<Connection>();
  private readonly counts = new Map<string, number>();
  /** Ports to which a datagram was lost in the network. */
  private readonly unreached = new Set<number>();

  constructor(private readonly host: DatagramLedgerHost) {}

  take(connection: Connection, data: Buffer, from?: Sender): void {
    const parsed = parse(this.host.garbling.restore(data));
    const { ends, isShared } = connection;
    this.arrivals.push({ ...parsed, connection, port: from?.port ?? (isShared ? undefined : ends?.port) });
    for (const { label } of parsed.records) this.counts.set(label, this.arrived(label) + 1);
  }

  /** How many records of a peer have arrived. */
  arrived(label: string): number {
    return this.counts.get(label) ?? 0;
  }

  noteIncomplete(connection: Connection): void {
    this.incomplete.add(connection);
  }

  /** A datagram has reached nobody. */
  noteLost(from: number, to: number): void {
    this.unreached.add(to);
    for (const { port, remotePort, excuses } of this.talks.values())
      if (port === from && remotePort === to) excuses.add('lost in the network');
  }

  /** Compares all of it, when everything is over. */
  close(): void {
    const lasts = new Map<string, number>();
    for (const arrival of this.arrivals) this.checkArrival(arrival, lasts);
    for (const talk of this.talks.values()) {
      const lost = talk.written - this.arrived(talk.label);
      if (lost > 0 && !this.isExcused(talk))
        this.host.breach(`${lost} of ${talk.written} datagrams of ${talk.label} are lost without a word`);
    }
    const delivered = new Set([...this.talks.values()].flatMap((talk) => this.checkReceived(talk)));
    for (const dispatch of this.dispatches) this.checkDispatch(dispatch, delivered);
  }

  private checkArrival({ connection, records, fragments, port }: Arrival, lasts: Map<string, number>): void {
    const { breach, problems } = this.host;
    const isTold = problems > 0 || this.incomplete.has(connection);
    if ((records.length !== 1 || fragments.length > 0) && !isTold)
      breach(
        `a datagram of socket ${connection.socketId} was changed, without a word: ${quote(fragments[0])}`,
      );
    for (const { label, number } of records) {
      const talk = this.talks.get(label);
      if (!talk) breach(`a datagram is of nobody: ${label}`);
      else if (port !== undefined && port !== talk.port)
        breach(`datagram ${number} of ${label} is told to be of port ${port}`);
      if (number <= (lasts.get(label) ?? -1)) breach(`datagram ${number} of ${label} is doubled or late`);
      lasts.set(label, number);
    }
  }

  private isExcused(talk: DatagramTalk): boolean {
    if (talk.excuses.size > 0 || this.host.problems > 0) return true;
    return [...this.incomplete].some(
      ({ ends, isShared }) => isShared || ends === undefined || ends.port === talk.port,
    );
  }

  /** @returns the records that have arrived */
  private checkReceived(talk: DatagramTalk): string[] {
    const { breach } = this.host;
    const lasts = new Map<string, number>();
    const found: string[] = [];
    for (const datagram of talk.received) {
      const { records, fragments } = parse(this.host.garbling.restore(datagram));
      if ((records.length !== 1 || fragments.length > 0) && !this.isUnsure(talk))
        breach(`${talk.label} got what is no datagram of the flow: ${quote(fragments[0])}`);
      for (const record of records) {
        const { label, number } = record;
        const dispatch = this.dispatchOf(record);
        if (!dispatch) breach(`${talk.label} got datagram ${number} of ${label}, which was not sent`);
        else if (!mayArrive(dispatch))
          breach(`datagram ${number} to ${talk.label} was told as ${dispatch.outcome ?? 'pending'}`);
        else if (dispatch.port !== undefined && dispatch.port !== talk.port && !isUnknown(dispatch))
          breach(`${talk.label} got datagram ${number} of ${label}, which was sent to port ${dispatch.port}`);
        if (number <= (lasts.get(label) ?? -1))
          breach(`datagram ${number} to ${talk.label} is doubled or late`);
        lasts.set(label, number);
        found.push(nameOf(record));
      }
    }
    return found;
  }

  private checkDispatch(dispatch: Dispatch, delivered: ReadonlySet<string>): void {
    const { label, first: number, outcome, port } = dispatch;
    if (!outcome) this.host.breach(`a datagram to ${label}, record ${number}, has no end`);
    if (outcome !== 'sent' || delivered.has(nameOf({ label, number }))) return;
    if (port === undefined ? this.unreached.size > 0 : this.unreached.has(port)) return;
    const receivers = [...this.talks.values()].filter((talk) => port === undefined || talk.port === port);
    if (!receivers.some(({ excuses }) => excuses.size > 0))
      this.host.breach(`datagram ${number} to ${label}, port ${port ?? '?'}, was told as sent, and is lost`);
  }

  /** Whether it is unknown what became of something that was sent to this peer. */
  private isUnsure({ port }: DatagramTalk): boolean {
    return this.dispatches.some((it) => isUnknown(it) && (it.port === undefined || it.port === port));
  }

  private dispatchOf({ label, number }: Record): Dispatch | undefined {
    return this.dispatches.find((it) => it.label === label && it.first === number);
  }
}

function nameOf({ label, number }: Record): string {
  return `${label}#${number}`;
}

function quote(text = ''): string {
  return JSON.stringify(text.slice(0, 80));
}
