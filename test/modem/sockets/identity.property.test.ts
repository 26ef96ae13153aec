import assert from 'node:assert/strict';
import fc from 'fast-check';

import type { Connection } from '../../../src/modem';
import { settled } from '../../support/manual-clock';
import { SocketBench, type SocketBenchOptions } from '../../support/socket-bench';
import type { ModelConnection, Peer } from '../../support/socket-model';

/** The same addresses and ports repeatedly, and in the same combinations. */
const PEERS = [
  { ip: '10.0.0.2', port: 5683 },
  { ip: '10.0.0.3', port: 5683 },
  { ip: '10.0.0.2', port: 5684 },
];
/** How long the module takes for a line, in ms. */
const LINE_TIME = 10;
const STRANGER = { ip: '10.9.9.9', port: 5683 };

type Step =
  | { readonly do: 'connect' | 'send' | 'end' | 'swap' | 'succeed' | 'answer'; readonly which: number }
  | { readonly do: 'execute' | 'reply' | 'transfer' | 'settle'; readonly port: number }
  | { readonly do: 'hold' | 'wait' | 'rest' }
  | { readonly do: 'pull'; readonly port: number };

const which = fc.nat({ max: 20 });
const port = fc.nat({ max: 1 });
const steps = (isLossy: boolean): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.record({ do: fc.constant('connect' as const), which }) },
      { weight: 5, arbitrary: fc.record({ do: fc.constant('send' as const), which }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('end' as const, 'answer'), which }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('swap' as const), which }) },
      { weight: isLossy ? 0 : 2, arbitrary: fc.record({ do: fc.constant('succeed' as const), which }) },
      {
        weight: 12,
        arbitrary: fc.record({ do: fc.constantFrom('execute' as const, 'reply', 'transfer'), port }),
      },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('settle' as const), port }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('hold' as const, 'wait', 'rest') }) },
      {
        weight: isLossy ? 2 : 0,
        arbitrary: fc.record({ do: fc.constant('pull' as const), port }),
      },
    ),
    { minLength: 20, maxLength: 150 },
  );

/** A list may show an address as mapped into IPv6. */
const peerOf = ({ ip, port }: Partial<Peer> = {}): string => `${ip?.replace('::ffff:', '')} ${port}`;

const TOKEN = /<(\d+)\.(\d+)>/g;

/** Executes steps at a bench, and checks which connection got which data. */
class Play {
  private readonly tokens = new Map<ModelConnection, number>();
  /** What was sent to which peer, and the result. */
  private readonly sent: { readonly to: Connection; readonly text: string; outcome: string }[] = [];

  constructor(readonly bench: SocketBench) {}

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      await this.take(step);
      await settled();
    }
    for (const port of this.bench.model.ports) port.isThere = true;
    this.bench.notes.isHolding = false;
    this.bench.modem.resumeReading();
    for (let round = 0; round < 4; round++) await this.bench.pass(30_000);
    for (const connection of this.bench.model.live) this.bench.model.end(connection);
    await this.bench.pass(60_000);
  }

  private async take(step: Step): Promise<void> {
    const { model, modem, notes } = this.bench;
    switch (step.do) {
      case 'connect':
        model.connect([...PEERS, STRANGER][step.which % 4]!);
        break;
      case 'send':
        this.withLive(step.which, (it) => model.send(it, this.token(it, step.which > 8)));
        break;
      case 'end':
        this.withLive(step.which, (it) => model.end(it));
        break;
      case 'swap':
        this.withLive(step.which, (it) => this.swap(it));
        break;
      case 'succeed':
        return this.succeed(step.which);
      case 'answer':
        this.answer(step.which);
        break;
      case 'execute':
        model.ports[step.port]?.execute();
        break;
      case 'reply':
        model.ports[step.port]?.answer();
        break;
      case 'transfer':
        model.ports[step.port]?.transfer();
        break;
      case 'settle':
        return this.bench.quiet();
      case 'hold':
        notes.isHolding = !notes.isHolding;
        modem.resumeReading();
        break;
      case 'wait':
        return this.bench.clock.advance(Math.min(1000, this.bench.clock.untilNext));
      case 'rest':
        return this.bench.pass(20_000);
      case 'pull': {
        const port = model.ports[step.port]!;
        port.isThere = !port.isThere;
        if (!port.isThere) port.lose();
      }
    }
  }

  private withLive(which: number, action: (connection: ModelConnection) => void): void {
    const live = this.bench.model.live.filter(({ isOpen }) => isOpen);
    const connection = live[which % live.length];
    if (connection) action(connection);
  }

  /** Its peer resets it, and another peer connects from the same port and sends data. */
  private swap(before: ModelConnection): void {
    const { model } = this.bench;
    const ip = PEERS.find((it) => it.ip !== before.ip)?.ip ?? '';
    model.reset(before);
    const after = model.connect({ ip, port: before.port });
    if (after) model.send(after, this.token(after));
  }

  /** Its peer sends much and ends. As soon as all of it was read, even within a command line, another peer connects. */
  private async succeed(which: number): Promise<void> {
    const { model, clock } = this.bench;
    const live = model.live.filter(({ isOpen }) => isOpen);
    const before = live[which % live.length];
    if (!before) return;
    model.send(before, this.token(before, true));
    model.end(before);
    const lines = (): number => model.ports.reduce((sum, { commands }) => sum + commands.length, 0);
    for (let steps = 0; !before.isGone && steps < 1000; steps++) {
      const linesBefore = lines();
      const hasWorked = model.ports.some((port) => port.execute() || port.answer() || port.transfer());
      // Each line takes time, each command on it takes none, so that many share a line.
      if (lines() > linesBefore) await clock.advance(LINE_TIME);
      else if (!hasWorked) await clock.advance(Math.min(100, clock.untilNext));
      await settled();
    }
    // The same peer cannot be told from itself before its URC is received.
    const others = PEERS.filter(({ ip }) => ip !== before.ip);
    const after = model.connect(others[which % others.length]!);
    if (after) model.send(after, this.token(after));
  }

  /** @param isLong whether it takes several reads */
  private token(connection: ModelConnection, isLong = false): string {
    const count = this.tokens.get(connection) ?? 0;
    this.tokens.set(connection, count + 1);
    return `<${this.bench.model.connections.indexOf(connection)}.${count}>${'.'.repeat(isLong ? 3000 : 0)}`;
  }

  private answer(which: number): void {
    const connections = this.bench.modem.connections();
    const to = connections[which % connections.length];
    if (!to) return;
    const sent = { to, text: `{${this.sent.length}}`, outcome: 'open' };
    this.sent.push(sent);
    this.bench.modem.send(to, Buffer.from(sent.text), 20_000).then(
      () => (sent.outcome = 'sent'),
      (error: unknown) => (sent.outcome = (error as { code: string }).code),
    );
  }

  /** The peers of the received data, in order. */
  private received(): Map<Connection, [connection: ModelConnection, index: number][]> {
    const { notes, model } = this.bench;
    return new Map(
      [...notes.data].map(([connection, text]) => [
        connection,
        [...text.matchAll(TOKEN)].map(([, number, index]) => [
          model.connections[Number(number)]!,
          Number(index),
        ]),
      ]),
    );
  }

  /**
   * @param isLossy whether ports were disconnected
   * @param isDeaf whether the port with the URCs does not answer. In both cases, one peer may be mistaken for itself when it
   * connects again
   */
  check(isLossy: boolean, isOnePort: boolean, isDeaf: boolean): void {
    const { model, notes, problems } = this.bench;
    const delivered = new Map<ModelConnection, number[]>();
    for (const [connection, tokens] of this.received()) {
      for (const [from, index] of tokens) {
        assert.equal(peerOf(from), peerOf(connection.ends));
        assert.notEqual(from.ip, STRANGER.ip);
        delivered.set(from, [...(delivered.get(from) ?? []), index]);
      }
      if (!isLossy && !isDeaf) assert.ok(new Set(tokens.map(([from]) => from)).size <= 1, 'two in one');
    }
    for (const [from, count] of this.tokens) {
      const indices = delivered.get(from) ?? [];
      assert.deepEqual(
        indices,
        [...indices].sort((one, other) => one - other),
      );
      assert.equal(new Set(indices).size, indices.length);
      const isTold =
        problems.length > 0 || notes.missed.some(({ connection }) => connection.socketId === from.id);
      // If it was closed in place of another one before the cable was disconnected, nothing is ever received about it.
      const isUnheard = isLossy && from.isClosedByHost;
      const isLost = indices.length < count && from.ip !== STRANGER.ip && !from.isReset && !isUnheard;
      if (isLost) assert.ok(isTold, 'lost without a word');
    }
    for (const { to, text, outcome } of this.sent) {
      assert.notEqual(outcome, 'open');
      const at = model.connections.filter(({ got }) => got.includes(text));
      assert.ok(at.length <= 1);
      const isRight = at.every((it) => peerOf(it) === peerOf(to.ends));
      if (isOnePort)
        assert.ok(isRight || outcome === 'QFWD_UNKNOWN_OUTCOME', `${text} went astray: ${outcome}`);
      if (outcome === 'sent') assert.equal(at.length, 1);
    }
  }
}

const module = fc.record({
  ids: fc.constantFrom('smallest' as const, 'counting' as const),
  listsClosed: fc.boolean(),
  keepsClosed: fc.boolean(),
  lacks: fc.constantFrom<string[]>([], ['QFWDACK']),
  joined: fc.constantFrom('executed' as const, 'refused' as const, 'ignored' as const),
  mostJoined: fc.constantFrom(1, 3, 14),
  holdsUrcs: fc.boolean(),
  listed: fc.constantFrom(
    (ip: string) => ip,
    (ip: string) => `::ffff:${ip}`,
  ),
});

function property(
  name: string,
  isLossy: boolean,
  bench: fc.Arbitrary<SocketBenchOptions>,
  numRuns: number,
): void {
  it(name, async () => {
    await fc.assert(
      fc.asyncProperty(bench, steps(isLossy), async (options, steps) => {
        const allow = PEERS.map(({ ip }) => ip);
        const play = new Play(await SocketBench.ready({ ...options, allow }));
        await play.bench.pass(options.hasSecond ? 5000 : 0);
        await play.run(steps);
        await play.bench.stop();
        play.check(isLossy, !options.hasSecond, options.module?.isSecondDeaf === true);
        assert.equal(play.bench.clock.pending, 0);
      }),
      { numRuns },
    );
  }).timeout(60_000);
}

describe('In any order of connections, closes and URCs, no byte reaches another connection, and every lost byte is reported', () => {
  property('on one port', false, fc.record({ module }), 150);

  property('on one port that is pulled', true, fc.record({ module }), 150);

  const twoPorts = fc.record({
    module: fc
      .tuple(module, fc.constantFrom<0 | 1>(0, 1), fc.boolean())
      .map(([it, reports, isSecondDeaf]) => ({ ...it, reports, isSecondDeaf })),
    modem: fc.record({ parallel: fc.boolean() }),
    hasSecond: fc.constant(true),
  });

  property('on two ports', false, twoPorts, 150);

  property('on two ports that are pulled', true, twoPorts, 150);
});
