import assert from 'node:assert/strict';
import fc from 'fast-check';

import { AtError, Channel, type Command } from '../../../src/at';
import { laneOf, Lines } from '../../../src/modem/link/lines';
import { ManualClock } from '../../support/manual-clock';
import { commonMeaning, information, type Meaning, ModelModule } from '../../support/model-module';

type Kind = 'SEND' | 'READ' | 'CHANGE';

interface Task {
  readonly kind: Kind;
  readonly socketId: number;
  /** When it is requested, and how long the module takes for it, in ms. */
  readonly at: number;
  readonly delay: number;
}

interface Scene {
  readonly tasks: readonly Task[];
  /** Whether URCs of each socket go to the second port. */
  readonly reports: readonly boolean[];
  /** When the second port is lost, and when it is back, alternately. */
  readonly turns: readonly number[];
}

const PATIENCE = 1000;
const moment = fc.integer({ min: 0, max: 6000 });

const scene: fc.Arbitrary<Scene> = fc.record({
  tasks: fc.array(
    fc.record({
      kind: fc.constantFrom<Kind>('SEND', 'SEND', 'READ', 'READ', 'CHANGE'),
      socketId: fc.nat({ max: 2 }),
      at: moment,
      delay: fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 4000 })),
    }),
    { minLength: 1, maxLength: 16 },
  ),
  reports: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  turns: fc.array(moment, { maxLength: 4 }).map((all) => all.sort((one, next) => one - next)),
});

function commandOf({ kind }: Task, id: number): Command {
  const decode: Command['decode'] = ({ lines }) => lines;
  const text = `AT+${kind}=${id}`;
  if (kind === 'CHANGE') return { text, responsePrefixes: [], decode };
  const responsePrefixes = [`+${kind}:`];
  return kind === 'READ'
    ? { text, responsePrefixes, decode }
    : { text, responsePrefixes, decode, body: Buffer.from('x\x1a') };
}

/** Two ports of one module, and the commands that run on them. */
class Bench {
  readonly clock = new ManualClock();
  /** Running commands, by port. */
  readonly running = { first: new Set<number>(), second: new Set<number>() };
  /** Every start of a command. */
  readonly started: { readonly id: number; readonly port: 'first' | 'second' }[] = [];
  private second: Channel | undefined;
  private readonly modules: ModelModule[] = [];
  readonly lines: Lines;

  constructor(private readonly scene: Scene) {
    this.lines = new Lines(this.channel('first'), {
      clock: this.clock,
      patience: PATIENCE,
      hasSecond: true,
      isParallel: true,
      isReportedToSecond: (socketId) => scene.reports[socketId]!,
    });
    this.toggle();
  }

  /** The second port is lost, or back. */
  toggle(): void {
    if (this.second) {
      this.second.close(new Error('pulled'));
      this.second = undefined;
      this.running.second.clear();
    } else {
      this.second = this.channel('second');
      this.lines.join(this.second);
    }
  }

  bodies(): number[] {
    return this.modules.flatMap(({ bodies }) => bodies.map(([command]) => Number(command.split('=')[1])));
  }

  private channel(port: 'first' | 'second'): Channel {
    const taskOf = (text: string) => Number(/=(\d+)$/.exec(text)?.[1] ?? NaN);
    const module = new ModelModule(
      this.clock,
      (text) => this.meaningOf(text, port),
      (text) => ({ delay: this.scene.tasks[taskOf(text)]?.delay ?? 0 }),
    );
    this.modules.push(module);
    const channel = new Channel(module, {
      clock: this.clock,
      timeout: 10_000,
      isUnsolicited: () => false,
      onUnsolicited: () => undefined,
      onResync: () => undefined,
      onFailed: () => assert.fail('it answers'),
    });
    module.send = (bytes) => {
      if (port === 'second' && channel !== this.second) return;
      const text = bytes.toString('latin1');
      if (/OK|ERROR/.test(text)) this.running[port].clear();
      channel.receive(bytes);
    };
    return channel;
  }

  private meaningOf(text: string, port: 'first' | 'second'): Meaning {
    const [, kind, digits] = /^AT\+(SEND|READ|CHANGE)=(\d+)$/.exec(text) ?? [];
    if (kind === undefined) return commonMeaning(text);
    const id = Number(digits);
    this.begin(id, port);
    if (kind === 'CHANGE') return {};
    return { takesBody: kind === 'SEND', information: information(`+${kind}: ${id}`) };
  }

  private begin(id: number, port: 'first' | 'second'): void {
    const { tasks, reports } = this.scene;
    const { kind, socketId } = tasks[id]!;
    if (port === 'second') assert.notEqual(kind, 'CHANGE');
    for (const other of this.running[port === 'first' ? 'second' : 'first']) {
      if (tasks[other]!.socketId !== socketId) continue;
      assert.ok(kind !== 'CHANGE' && tasks[other]!.kind !== 'CHANGE', 'data while a socket opens or closes');
      assert.notEqual(tasks[other]!.kind, kind, 'two of a lane at once');
    }
    if (kind === 'READ' && port === 'second') assert.ok(reports[socketId], 'read where nothing is reported');
    this.running[port].add(id);
    this.started.push({ id, port });
  }
}

async function run(scene: Scene) {
  const bench = new Bench(scene);
  const { clock, lines } = bench;
  const outcomes = new Map<number, 'done' | AtError>();
  const lanes = new Map<string, Promise<void>>();
  const wait = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve));
  scene.turns.forEach((at) => clock.after(at, () => bench.toggle()));
  const order = [...scene.tasks.keys()].sort((one, next) => scene.tasks[one]!.at - scene.tasks[next]!.at);
  for (const id of order) {
    const task = scene.tasks[id]!;
    const { kind, socketId } = task;
    const lane = laneOf(kind === 'READ' ? 'receive' : 'send', socketId);
    const before = kind === 'CHANGE' ? Promise.resolve() : (lanes.get(lane) ?? Promise.resolve());
    const ending = Promise.all([before, wait(task.at)]).then(() => {
      const command = commandOf(task, id);
      const running = kind === 'CHANGE' ? lines.change(socketId, command) : lines.execute(command, { lane });
      return running.then(
        () => void outcomes.set(id, 'done'),
        (error: unknown) => void outcomes.set(id, error as AtError),
      );
    });
    if (kind !== 'CHANGE') lanes.set(lane, ending);
  }
  for (let steps = 0; outcomes.size < scene.tasks.length; steps++) {
    assert.ok(steps < 1000 && clock.pending > 0, 'a command never ends');
    await clock.advance(clock.untilNext);
  }
  return { bench, outcomes, order };
}

describe('Two ports, whatever the second one does,', () => {
  it('run each command once, in the order of its lane, and none during the opening or closing of its socket', async () => {
    await fc.assert(
      fc.asyncProperty(scene, async (scene) => {
        const { bench, outcomes, order } = await run(scene);
        const bodies = bench.bodies();
        scene.tasks.forEach(({ kind }, id) => {
          const outcome = outcomes.get(id)!;
          const starts = bench.started.filter((it) => it.id === id).length;
          const times = kind === 'SEND' ? bodies.filter((it) => it === id).length : starts;
          assert.ok(times <= 1, 'was repeated');
          if (outcome === 'done') assert.equal(times, 1);
          else if (!outcome.mayHaveHappened) assert.equal(times, 0);
          // What waited is either sent over the other port, or its outcome is unknown.
          if (outcome !== 'done' && kind === 'SEND') assert.ok(outcome.mayHaveHappened, outcome.message);
          if (kind === 'CHANGE') assert.equal(outcome, 'done');
        });
        for (const kind of ['SEND', 'READ'] as const) {
          for (const socket of [0, 1, 2]) {
            const isMine = (id: number) =>
              scene.tasks[id]!.kind === kind && scene.tasks[id]!.socketId === socket;
            const done = [...new Set(bench.started.map(({ id }) => id))].filter(isMine);
            assert.deepEqual(
              done,
              order.filter((id) => done.includes(id)),
            );
          }
        }
        await bench.clock.advance(20_000);
        bench.lines.close(new Error('end'));
        assert.equal(bench.clock.pending, 0);
      }),
      { numRuns: 400 },
    );
  });

  it('delay no command for longer than the second port may be silent', async () => {
    const tasks: Task[] = [0, 1, 2].map((socketId) => ({ kind: 'SEND', socketId, at: 0, delay: 0 }));
    const stuck = { ...tasks[0]!, delay: 4000 };
    const { bench, outcomes } = await run({
      tasks: [stuck, ...tasks.slice(1)],
      reports: [false, false, false],
      turns: [],
    });
    assert.deepEqual([...outcomes.keys()], [1, 2, 0]);
    assert.deepEqual(
      bench.started.map(({ port }) => port),
      ['second', 'first', 'first'],
    );
  });
});
