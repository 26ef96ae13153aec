import assert from 'node:assert/strict';
import fc from 'fast-check';

import { AtError, Channel, type Command } from '../../src/at';
import { ManualClock } from '../support/manual-clock';
import { commonMeaning, information, type Meaning, type Mishap, ModelModule } from '../support/model-module';
import { hostilePayload, inChunks } from '../support/payloads';

/** Commands whose responses identify them: by a number, or by OK for even and ERROR for odd ones. */
type Kind = 'query' | 'set' | 'read' | 'send' | 'raw';

interface Task {
  readonly kind: Kind;
  readonly payload: Buffer;
  readonly lane: string;
  readonly mishaps: readonly Mishap[];
}

const ms = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 8000 }));
const mishap: fc.Arbitrary<Mishap> = fc.record(
  {
    delay: ms,
    pause: ms,
    lost: fc.constantFrom('command', 'prompt', 'information', 'result', 'answer'),
  },
  { requiredKeys: [] },
);

const task: fc.Arbitrary<Task> = fc.record({
  kind: fc.constantFrom<Kind>('query', 'set', 'read', 'send', 'raw'),
  payload: hostilePayload({ minLength: 1, maxLength: 60 }),
  lane: fc.constantFrom('control', 'a', 'b'),
  mishaps: fc.array(mishap, { maxLength: 2 }),
});

/** No byte of it ends a data phase. */
function harmless(payload: Buffer): Buffer {
  return Buffer.from(payload.map((byte) => (byte === 0x1a || byte === 0x1b ? 0x2e : byte)));
}

function meaningOf(tasks: readonly Task[], text: string): Meaning {
  const [, name, digits] = /^AT\+(QUERY|SET|READ|SEND|RAW)=(\d+)$/.exec(text) ?? [];
  const id = Number(digits);
  const payload = tasks[id]?.payload;
  if (!payload) return commonMeaning(text);
  const result = id % 2 === 0 ? 'OK' : 'ERROR';
  if (name === 'QUERY') return { information: information(`+QUERY: ${id}`) };
  if (name === 'SET') return { result };
  if (name === 'RAW') return { information: information(`+RAW: ${id}`), result };
  if (name === 'SEND') return { takesBody: true, information: information(`+SEND: ${id}`) };
  const header = `\r\n+READ: ${id},${payload.length}\r\n`;
  return { information: Buffer.concat([Buffer.from(header), payload, Buffer.from('\r\n')]) };
}

function commandOf({ kind, payload }: Task, id: number): Command {
  const text = `AT+${kind.toUpperCase()}=${id}`;
  const decode: Command['decode'] = ({ lines, block }) => ({ lines, block });
  switch (kind) {
    case 'query':
      return { text, responsePrefixes: ['+QUERY:'], isRepeatable: true, decode };
    case 'set':
      return { text, responsePrefixes: [], decode };
    case 'raw':
      return { text, decode };
    case 'send': {
      const body = Buffer.concat([harmless(payload), Buffer.from('\x1a')]);
      return {
        text,
        responsePrefixes: ['+SEND:'],
        body,
        isComplete: ({ lines }) => lines.length > 0,
        decode,
      };
    }
    case 'read':
      return {
        text,
        responsePrefixes: ['+READ:'],
        block: (line) => Number(line.split(',')[1]),
        isComplete: ({ block }) => block !== undefined,
        decode,
      };
  }
}

type Outcome = { readonly value: { lines: string[]; block?: Buffer } } | { readonly error: AtError };

interface Scene {
  readonly tasks: readonly Task[];
  readonly fenceMishaps: readonly Mishap[];
  /** Some modules may not even support the simplest query. */
  readonly unknown: readonly string[];
  readonly cuts: readonly number[];
  /** Interval of URCs in ms; 0: none. */
  readonly chatter: number;
}

const scene: fc.Arbitrary<Scene> = fc.record({
  tasks: fc.array(task, { minLength: 1, maxLength: 6 }),
  fenceMishaps: fc.array(mishap, { maxLength: 4 }),
  unknown: fc.oneof(fc.constant([]), fc.subarray(['AT+CMEE?', 'AT+CSQ', 'AT+IPR?', 'AT+IFC?'])),
  cuts: fc.array(fc.nat(), { maxLength: 6 }),
  chatter: fc.oneof(fc.constant(0), fc.integer({ min: 10, max: 120 })),
});

async function run({ tasks, fenceMishaps, unknown, cuts, chatter }: Scene) {
  const clock = new ManualClock();
  let fences = 0;
  let healthy = false;
  const asked = new Map<number, number>();
  const module = new ModelModule(
    clock,
    (text) => {
      if (unknown.includes(text)) return { result: 'ERROR' };
      return text === 'AT+ALIVE' ? {} : meaningOf(tasks, text);
    },
    (text) => {
      if (healthy) return {};
      const id = Number(text.split('=')[1]);
      const mishaps = tasks[id]?.mishaps;
      if (!mishaps) return fenceMishaps[fences++] ?? {};
      const times = asked.get(id) ?? 0;
      asked.set(id, times + 1);
      return mishaps[times] ?? {};
    },
  );
  const failures: AtError[] = [];
  const channel = new Channel(module, {
    clock,
    timeout: 5000,
    isUnsolicited: (line) => line.startsWith('+URC'),
    onUnsolicited: () => undefined,
    onResync: () => undefined,
    onFailed: (reason) => void failures.push(reason),
  });
  module.send = (bytes) => inChunks(bytes, cuts).forEach((chunk) => channel.receive(chunk));

  const report = (): void => {
    if (healthy) return;
    module.send(information('+URC: 1'));
    clock.after(chatter, report);
  };
  if (chatter > 0) clock.after(chatter, report);

  const outcomes = new Map<number, Outcome>();
  tasks.forEach((it, id) => {
    channel.execute(commandOf(it, id), { lane: it.lane }).then(
      (value) => outcomes.set(id, { value: value as { lines: string[]; block?: Buffer } }),
      (error: unknown) => outcomes.set(id, { error: error as AtError }),
    );
  });
  for (let turns = 0; outcomes.size < tasks.length; turns++) {
    assert.ok(turns < 10_000 && clock.pending > 0, 'a command never ends');
    await clock.advance(clock.untilNext);
  }
  healthy = true;
  await clock.advance(20_000);
  return { clock, module, channel, outcomes, failures };
}

describe('A channel, whatever is late or lost,', () => {
  it('gives every command its own response or none, and never writes a body without a prompt', async () => {
    await fc.assert(
      fc.asyncProperty(scene, async (scene) => {
        const { tasks } = scene;
        const { clock, module, channel, outcomes, failures } = await run(scene);
        tasks.forEach((it, id) => check(it, id, outcomes.get(id)!, module));

        const strange = module.executed.filter(
          (text) => !/^AT\+(QUERY|SET|READ|SEND|RAW)=\d$|^AT\+(ALIVE|CMEE\?|CSQ|IPR\?|IFC\?)$/.test(text),
        );
        assert.deepEqual(strange, [], 'payload was read as commands');
        assert.ok(!withoutBodies(module).includes('\x1a'), 'Ctrl-Z was written outside a body');

        if (failures.length === 0) {
          const alive = channel.execute({ text: 'AT+ALIVE', responsePrefixes: [], decode: () => 'alive' });
          await clock.advance(1);
          assert.equal(await alive, 'alive');
        } else await channel.closed;
        channel.close(new Error('end'));
        assert.equal(clock.pending, 0);
      }),
      { numRuns: 400 },
    );
  });
});

function withoutBodies({ written }: ModelModule): string {
  return written
    .map((piece) => piece.toString('latin1'))
    .filter((text) => !(text.length > 1 && text.endsWith('\x1a')))
    .join('');
}

function check({ kind, payload }: Task, id: number, outcome: Outcome, module: ModelModule): void {
  const text = `AT+${kind.toUpperCase()}=${id}`;
  const times = module.executed.filter((line) => line === text).length;
  const body = module.bodies.find(([command]) => command === text)?.[1];
  assert.ok(times <= (kind === 'query' ? 2 : 1), 'was repeated');
  if ('value' in outcome) {
    const { lines, block } = outcome.value;
    assert.ok(times > 0);
    // Of a query whose information text was lost, only OK is left.
    if (kind !== 'set')
      assert.ok(
        lines.every((line) => line.startsWith(`+${kind.toUpperCase()}: ${id}`)),
        lines.join('|'),
      );
    if (kind === 'set' || kind === 'raw') assert.equal(id % 2, 0, 'took the OK of another');
    if (block) assert.deepEqual(block, payload);
    if (kind === 'send') assert.deepEqual(body, harmless(payload));
    return;
  }
  const { error } = outcome;
  assert.ok(error instanceof AtError, String(error));
  if (error.failure === 'rejected') assert.ok(id % 2 === 1 && times > 0, 'took the ERROR of another');
  if (kind === 'send') assert.equal(error.mayHaveHappened, body !== undefined, error.message);
  else if (!error.mayHaveHappened && error.failure !== 'rejected' && kind !== 'query')
    assert.equal(times, 0, error.message);
}
