import assert from 'node:assert/strict';
import fc from 'fast-check';

import { Channel, type Command, plainCommand, within } from '../../src/at';
import { ManualClock } from '../support/manual-clock';
import { commonMeaning, information, type LineSettings, ModelModule } from '../support/model-module';
import { hostilePayload, inChunks } from '../support/payloads';

const isUnsolicited = (line: string): boolean => line.startsWith('+URC');
const decode: Command['decode'] = ({ lines }) => lines.join('|');
const query = (number: number): Command => ({ ...plainCommand(`AT+Q=${number}`, ['+Q:']), decode });

const settings: fc.Arbitrary<LineSettings> = fc.record({
  Q: fc.constantFrom(0, 1),
  V: fc.constantFrom(0, 1),
  S3: fc.constantFrom(13, 10),
  S4: fc.nat(127),
  // A character that is in no fence has no effect, and one that is in its own setting cannot be changed back.
  S5: fc
    .oneof(fc.nat(31), fc.constantFrom('C', 'M', 'E', '+', '?', '~'))
    .map((it) => (typeof it === 'number' ? it : it.charCodeAt(0))),
});

/** A channel to a module that supports fences and numbered queries. */
function channelTo(clock: ManualClock, settings?: LineSettings) {
  const meaningOf = (text: string) =>
    text.startsWith('AT+Q=') ? { information: information(`+Q: ${text.slice(5)}`) } : commonMeaning(text);
  const module = new ModelModule(clock, meaningOf, () => ({}), settings);
  const channel = new Channel(module, {
    clock,
    timeout: 5000,
    isUnsolicited,
    onUnsolicited: () => undefined,
    onResync: () => undefined,
    onFailed: (reason) => assert.fail(reason),
  });
  module.send = (bytes) => channel.receive(bytes);
  return { module, channel };
}

/** Synchronizes, then queries; each response must be that of its own query. */
async function askInStep(channel: Channel): Promise<'right'> {
  await channel.synchronize();
  for (const number of [1, 2]) assert.equal(await channel.execute(query(number)), `+Q: ${number}`);
  return 'right';
}

describe('Synchronizing a channel', () => {
  it('makes a module respond as expected, whatever settings an earlier user has left', async () => {
    await fc.assert(
      fc.asyncProperty(settings, async (settings) => {
        // One character cannot have two meanings.
        fc.pre(settings.S5 !== 13 && settings.S5 !== 10);
        const clock = new ManualClock();
        const { channel } = channelTo(clock, settings);
        const asked = within(clock, 20_000, askInStep(channel));
        await clock.advance(20_000);
        assert.equal(await asked, 'right');
      }),
      { numRuns: 300 },
    );
  });

  /** The rest of the response to a read, in pieces with pauses in ms between them, and the URCs after it. */
  const scene = fc.record({
    pieces: fc.oneof(
      fc
        .tuple(hostilePayload(), fc.array(fc.nat(), { maxLength: 40 }))
        .map(([all, cuts]) => inChunks(all, cuts)),
      fc.array(
        fc.constantFrom(
          information('+URC: 2'),
          information('+CMEE: 1', 'OK'),
          information('+CMEE: 1', 'OK', '+Q: 9'),
        ),
        { maxLength: 30 },
      ),
    ),
    pauses: fc.array(fc.integer({ min: 0, max: 25 }), { minLength: 1, maxLength: 9 }),
    reports: fc.array(fc.integer({ min: 31, max: 99 }), { minLength: 1, maxLength: 9 }),
    cutsOfReports: fc.array(fc.nat(), { maxLength: 3 }),
  });

  it('takes no payload that is still being received for a response, and does not wait until the URCs stop', async () => {
    await fc.assert(
      fc.asyncProperty(scene, async ({ pieces, pauses, reports, cutsOfReports }) => {
        const clock = new ManualClock();
        const { module, channel } = channelTo(clock);
        const written: Buffer[] = [];
        const write = module.write.bind(module);
        // The module executes and reports nothing while it sends the rest.
        module.write = (bytes) => void written.push(bytes);
        let report = 0;
        const speak = (): void => {
          for (const chunk of inChunks(information('+URC: 1'), cutsOfReports)) channel.receive(chunk);
          clock.after(reports[report++ % reports.length]!, speak);
        };
        const next = (at: number): void => {
          const piece = pieces[at];
          channel.receive(piece ?? information('', 'OK'));
          if (piece) return void clock.after(pauses[at % pauses.length]!, () => next(at + 1));
          module.write = write;
          for (const bytes of written) module.write(bytes);
          speak();
        };
        let answers: 'right' | undefined;
        const asked = askInStep(channel).then((it) => (answers = it));
        next(0);
        while (module.write !== write) await clock.advance(1);
        await Promise.race([clock.advance(250), asked]);
        assert.equal(answers, 'right');
      }),
      { numRuns: 300 },
    );
  });
});
