/** Who is at the other ends: peers of the module's servers, and hosts that its clients reach. */
import type { Clock } from '../../src/at';
import { DatagramTalk } from './datagram-talk';
import type { Dice } from './dice';
import type { Ledger } from './ledger';
import type { MemoryDatagramSocket, MemoryNetwork } from './network/memory-network';
import type { MemorySocket } from './network/memory-socket';
import { type EndpointPlan, ownerOf, type Plan, type VisitPlan } from './plan';
import { LENGTH } from './record';
import { Talk } from './talk';

const ADDRESS = '127.0.0.1';
/** What a host says to each client: so many records, one each so many ms. */
const HOST_RECORDS = [0, 10] as const;
const HOST_GAPS = [0, 300];
/** How long it stays after that, in ms. */
const HOST_STAYS = [1000, 60_000, 600_000];

/** A module drops datagrams that its buffer has no room for. */
const MOST_DATAGRAMS = 100;

export class Peers {
  private readonly usedPorts: number[] = [];
  /** Until then, whoever comes may be let down. */
  private excusedUntil = 0;

  constructor(
    private readonly plan: Plan,
    private readonly network: MemoryNetwork,
    private readonly clock: Clock,
    private readonly ledger: Ledger,
    private readonly dice: Dice,
  ) {
    network.onLost = (from, to) => ledger.datagrams.noteLost(from, to);
  }

  /** A peer comes to a server, and does what it is to do. */
  visit({ server, records, bulk, gap, linger, end, readsAfter, window, reusesPort }: VisitPlan): void {
    const { protocol, port } = this.plan.endpoints[server]!;
    const own = (reusesPort ? this.dice.pick([...this.usedPorts, 0]) : 0) || this.network.freePort();
    const from = this.isFree(own) ? own : this.network.freePort();
    this.usedPorts.push(from);
    const later = (talk: { end(how: VisitPlan['end']): void }) => () =>
      this.clock.after(linger, () => talk.end(end));
    if (protocol === 'udp') {
      const talk = this.comeTo(port, from, 'd');
      this.write(talk, Math.min(bulk, MOST_DATAGRAMS), 0, () => this.write(talk, records, gap, later(talk)));
      return;
    }
    const talk = this.meet(this.network.dial(port, from, ADDRESS), 'p');
    talk.socket.window = window;
    if (readsAfter > 0) talk.holdBack(readsAfter);
    talk.socket.once('connect', () => talk.write(bulk, 0, () => talk.write(records, gap, later(talk))));
  }

  /** A peer that comes to a server now sends a few records, and ends. */
  last({ port, protocol }: EndpointPlan): Talk | DatagramTalk {
    if (protocol === 'udp') {
      const talk = this.comeTo(port, this.network.freePort(), 'last');
      this.write(talk, 3, 0, () => undefined);
      return talk;
    }
    const talk = this.meet(this.network.dial(port, this.network.freePort(), ADDRESS), 'last');
    talk.socket.once('connect', () => talk.write(3, 0, () => this.clock.after(5000, () => talk.end('fin'))));
    return talk;
  }

  /** A host for a client of the module: it says something to each one that comes. */
  listen({ port, protocol }: EndpointPlan, index: number): void {
    const { clock, dice, network } = this;
    const prefix = `h${index}-`;
    if (protocol === 'udp') {
      const socket = this.bind(port);
      const talks = new Map<number, DatagramTalk>();
      socket.on('message', (data: Buffer, from: { readonly port: number }) => {
        const known = talks.get(from.port);
        const talk = known ?? this.meetAt(socket, from.port, prefix);
        talk.received.push(data);
        talks.set(from.port, talk);
        if (!known) this.write(talk, dice.from(...HOST_RECORDS), dice.pick(HOST_GAPS), () => undefined);
      });
      return;
    }
    const listener = network.createServer();
    listener.listen({ port });
    listener.on('connection', (socket: MemorySocket) => {
      const talk = this.meet(socket, prefix, ownerOf(index));
      talk.write(dice.from(...HOST_RECORDS), dice.pick(HOST_GAPS), () =>
        clock.after(dice.pick(HOST_STAYS), () => talk.end(dice.pick(['fin', 'reset', 'stay']))),
      );
    });
  }

  /** What was on its way since then need not arrive. */
  excuse(reason: string, since: number): void {
    // What a peer has left behind may not have been read yet.
    for (const talk of this.ledger.talks.values())
      if ((talk.overAt ?? Infinity) > since) talk.excuses.add(reason);
    for (const talk of this.ledger.datagrams.talks.values())
      if (talk.lastAt > since) talk.excuses.add(reason);
  }

  /** Nor that of those who come before then. */
  excuseUntil(time: number): void {
    this.excusedUntil = time;
  }

  leave(): void {
    for (const talk of this.ledger.talks.values()) talk.socket.destroy();
    for (const talk of this.ledger.datagrams.talks.values()) talk.close();
  }

  private isFree(port: number): boolean {
    const { talks, datagrams } = this.ledger;
    return [...talks.values(), ...datagrams.talks.values()].every((it) => it.isOver || it.port !== port);
  }

  private bind(port: number): MemoryDatagramSocket {
    const socket = this.network.createSocket();
    socket.bind({ port, address: ADDRESS });
    return socket;
  }

  private meet(socket: MemorySocket, prefix: string, host?: string): Talk {
    const { talks } = this.ledger;
    const talk = new Talk(`${prefix}${talks.size + 1}`, socket, this.clock, host);
    talks.set(talk.label, talk);
    this.welcome(talk);
    return talk;
  }

  /** A peer of a server. */
  private comeTo(port: number, from: number, prefix: string): DatagramTalk {
    const socket = this.bind(from);
    const talk = this.meetAt(socket, port, prefix);
    socket.on('message', (data: Buffer) => talk.received.push(data));
    return talk;
  }

  private meetAt(socket: MemoryDatagramSocket, remotePort: number, prefix: string): DatagramTalk {
    const { talks } = this.ledger.datagrams;
    const talk = new DatagramTalk(`${prefix}u${talks.size + 1}`, socket, remotePort, this.clock);
    talks.set(talk.label, talk);
    this.welcome(talk);
    return talk;
  }

  private welcome({ excuses }: { readonly excuses: Set<string> }): void {
    // The old server may accept it before the module can be told of the new one.
    if (this.clock.now() < this.excusedUntil) excuses.add('settings');
  }

  /** A module drops datagrams for which it has no room. */
  private write(talk: DatagramTalk, records: number, gap: number, done: () => void): void {
    const { recvBuffer = 0 } = this.plan.simulator;
    const beforeEach = (): void => {
      if ((this.underWay(talk) + 1) * LENGTH > recvBuffer) talk.excuses.add('no room');
    };
    talk.write(records, gap, beforeEach, done);
  }

  /** Datagrams that may be in the buffer of the module for this peer, or for all peers of the server. */
  private underWay({ label, remotePort }: DatagramTalk): number {
    const { family, simulator } = this.plan;
    const { datagrams } = this.ledger;
    const isShared = family === 'tcpip' || simulator.udpServer === 'shared';
    return [...datagrams.talks.values()]
      .filter((it) => it.label === label || (isShared && it.remotePort === remotePort))
      .reduce((sum, it) => sum + it.written - datagrams.arrived(it.label), 0);
  }
}
