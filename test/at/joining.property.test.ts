import assert from 'node:assert/strict';
import fc from 'fast-check';

import { AtError, Channel, type Command } from '../../src/at';
import { ManualClock } from '../support/manual-clock';
import { commonMeaning, information, type Meaning, ModelModule } from '../support/model-module';
import { hostilePayload, inChunks } from '../support/payloads';

/** How a module treats several commands on a line. */
const HABITS = ['executes', 'refuses', 'stops', 'ignores', 'answers each'] as const;

interface Scene {
  readonly habit: (typeof HABITS)[number];
  /** Lines with more commands are rejected. */
  readonly most: number;
  /** Whether the channel knows that such lines work. */
  readonly isKnown: boolean;
  readonly tasks: readonly Task[];
  readonly cuts: readonly number[];
  /** The module sends a URC after so many responses of a line. */
  readonly reportAfter: number;
}

interface Task {
  readonly kind: 'query' | 'read';
  readonly lane: string;
  readonly payload: Buffer;
  /** It is rejected whenever it is executed. */
  readonly isBad: boolean;
  /** The part of its response that is lost on the line. */
  readonly lost: 'nothing' | 'header' | 'all' | 'a byte';
}

const HOSTILE = fc.oneof(
  hostilePayload({ minLength: 1, maxLength: 60 }),
  fc
    .constantFrom('\r\nOK\r\n', 'x\r\n+READ: 1,2\r\nab\r\n', '\r\nERROR\r\n\r\nOK')
    .map((it) => Buffer.from(it)),
);

/** Lines that look like those of the module, and still do when the header before them is lost. */
const FORGED = fc
  .tuple(
    fc.stringMatching(/^[a-z]{1,20}$/),
    fc.array(
      fc.oneof(
        fc.nat(11).map((id) => `+QUERY: ${id},0`),
        fc.constantFrom('+URC: 1', '', 'x'),
      ),
      { maxLength: 4 },
    ),
    fc.constantFrom('', '\r\n'),
  )
  .map(([first, lines, end]) => Buffer.from([first, ...lines].join('\r\n') + end));

const sceneOf = (
  lost: fc.Arbitrary<Task['lost']>,
  payload: fc.Arbitrary<Buffer>,
  isBad: fc.Arbitrary<boolean>,
): fc.Arbitrary<Scene> =>
  fc.record({
    habit: fc.constantFrom(...HABITS),
    most: fc.integer({ min: 1, max: 14 }),
    isKnown: fc.boolean(),
    tasks: fc.array(
      fc.record({
        kind: fc.constantFrom('query' as const, 'read' as const),
        lane: fc.constantFrom('a', 'b', 'c'),
        payload,
        isBad,
        lost,
      }),
      { minLength: 1, maxLength: 12 },
    ),
    cuts: fc.array(fc.nat(), { maxLength: 6 }),
    reportAfter: fc.nat(4),
  });

function answerOf(id: number, { kind, payload, lost }: Task): Buffer {
  if (lost === 'all') return Buffer.alloc(0);
  if (kind === 'query') return lost === 'nothing' ? information(`+QUERY: ${id},0`) : Buffer.alloc(0);
  const data = lost === 'a byte' ? payload.subarray(1) : payload;
  const header = lost === 'header' ? '' : `\r\n+READ: ${id},${payload.length}\r\n`;
  return Buffer.concat([Buffer.from(header), data, Buffer.from('\r\n')]);
}

function commandOf(id: number, { kind }: Task): Command {
  const name = kind.toUpperCase();
  const isRead = kind === 'read';
  return {
    text: `AT+${name}=${id}`,
    responsePrefixes: [`+${name}:`],
    joins: kind,
    isAnsweredBy: (line) => line.startsWith(`+${name}: ${id},`),
    ...(isRead && { block: (line: string) => Number(line.split(',')[1]) }),
    isRepeatable: !isRead,
    isComplete: ({ lines, block }) => (isRead ? block !== undefined : lines.length > 0),
    decode: ({ lines: [line], block }) => {
      if (line === undefined) return undefined;
      if (!line.startsWith(`+${name}: ${id},`)) throw new RangeError('the answer is about another');
      if (isRead && !block) throw new RangeError('no data');
      return block ?? line;
    },
  };
}

async function run({ habit, most, isKnown, tasks, cuts, reportAfter }: Scene) {
  const clock = new ManualClock();
  /** Executed commands, in order. */
  const executed: number[] = [];
  const execute = (line: string): Meaning => {
    const parts = line.slice(2).split(';');
    const isRefused = parts.length > 1 && (habit === 'refuses' || parts.length > most);
    const said: Buffer[] = [];
    for (const [index, part] of isRefused ? [] : parts.entries()) {
      const id = Number(part.split('=')[1]);
      const task = tasks[id];
      if (!task) return commonMeaning(line);
      if (index > 0 && habit === 'ignores') break;
      if (index > 0 && habit === 'answers each') said.push(information('OK'));
      if (task.isBad || (index > 0 && habit === 'stops'))
        return { information: Buffer.concat(said), result: 'ERROR' };
      executed.push(id);
      said.push(answerOf(id, task));
      if (index === reportAfter) said.push(information('+URC: 1'));
    }
    return { information: Buffer.concat(said), ...(isRefused && { result: 'ERROR' }) };
  };
  const module = new ModelModule(clock, execute);
  const channel = new Channel(module, {
    clock,
    timeout: 5000,
    isUnsolicited: (line) => line.startsWith('+URC'),
    onUnsolicited: () => undefined,
    onResync: () => undefined,
    onFailed: () => undefined,
  });
  module.send = (bytes) => inChunks(bytes, cuts).forEach((chunk) => channel.receive(chunk));
  // A profile was measured on this firmware.
  if (isKnown && habit === 'executes') channel.limitJoining(most);
  /** In the order in which they were delivered. */
  const told: [id: number, value: unknown][] = [];
  const outcomes = new Map<number, unknown>();
  tasks.forEach((task, id) => {
    const turn = { lane: task.lane, onAnswer: (value: unknown) => void told.push([id, value]) };
    channel.execute(commandOf(id, task), turn).then(
      (value) => outcomes.set(id, value),
      (error: unknown) => outcomes.set(id, error),
    );
  });
  for (let turns = 0; outcomes.size < tasks.length; turns++) {
    assert.ok(turns < 10_000, 'a command never ends');
    await clock.advance(clock.pending > 0 ? clock.untilNext : 1);
  }
  channel.close(new Error('end'));
  assert.equal(clock.pending, 0);
  return { executed, told, outcomes };
}

/** A read removes data: it must be delivered once, and executed once. */
function check({ tasks }: Scene, { executed, told, outcomes }: Awaited<ReturnType<typeof run>>): void {
  for (const lane of ['a', 'b', 'c']) {
    const its = told.map(([id]) => id).filter((id) => tasks[id]?.lane === lane && tasks[id].kind === 'read');
    assert.deepEqual(
      its,
      [...new Set(its)].sort((one, other) => one - other),
      'out of order',
    );
  }
  tasks.forEach(({ kind, payload, isBad }, id) => {
    const outcome = outcomes.get(id);
    const times = executed.filter((it) => it === id).length;
    if (kind === 'read') assert.ok(times <= 1, 'was read twice');
    const isRejected = outcome instanceof AtError && outcome.failure === 'rejected';
    assert.ok(!isRejected || isBad || times > 0, 'is rejected for another');
    if (isRejected && kind === 'read') assert.equal(times, 0, 'is called rejected, and was executed');
    if (!Buffer.isBuffer(outcome)) return;
    assert.deepEqual(outcome, payload);
    assert.deepEqual(
      told.filter(([it]) => it === id).map(([, value]) => value),
      [payload],
    );
  });
}

describe('Commands that may share a line', () => {
  it('each get their own response, once and in order, however the module treats such lines', async () => {
    await fc.assert(
      fc.asyncProperty(sceneOf(fc.constant('nothing'), HOSTILE, fc.boolean()), async (scene) => {
        const result = await run(scene);
        check(scene, result);
        scene.tasks.forEach(({ kind, payload, isBad }, id) => {
          const outcome = result.outcomes.get(id);
          if (isBad) assert.equal((outcome as AtError).failure, 'rejected');
          else assert.deepEqual(outcome, kind === 'read' ? payload : `+QUERY: ${id},0`);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('never get the response of another command where parts are lost, and a lost read is never successful', async () => {
    const lost = fc.constantFrom('nothing' as const, 'header' as const, 'all' as const, 'a byte' as const);
    await fc.assert(
      fc.asyncProperty(sceneOf(lost, FORGED, fc.constant(false)), async (scene) => {
        const result = await run(scene);
        check(scene, result);
      }),
      { numRuns: 500 },
    );
  });
});
