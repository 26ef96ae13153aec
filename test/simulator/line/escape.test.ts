import assert from 'node:assert/strict';
import fc from 'fast-check';

import { EscapeDetector } from '../../../src/simulator/line/escape';
import { virtualClock } from '../../support/virtual-clock';

/** What becomes of bytes and silences, which are numbers in ms. */
async function detect(...inputs: (string | number)[]): Promise<string> {
  const clock = virtualClock();
  let found = '';
  const detector = new EscapeDetector(
    (data) => (found += data.toString('latin1')),
    () => (found += '<escape>'),
  );
  for (const input of inputs) {
    if (typeof input === 'number') await clock.pass(input);
    else detector.take(Buffer.from(input, 'latin1'));
  }
  await clock.pass(1000);
  detector.stop();
  return found;
}

describe('the escape sequence', () => {
  it('must have a pause before and after it', async () => {
    assert.equal(await detect('data', 1000, '+++', 1000), 'data<escape>');
    assert.equal(await detect('data', 1000, '+', 500, '++', 1000), 'data<escape>');
    assert.equal(await detect('+++'), '<escape>');
  });

  it('is data without the pause before or after it', async () => {
    assert.equal(await detect('data', 999, '+++', 1000), 'data+++');
    assert.equal(await detect('+++', 999, 'data'), '+++data');
    assert.equal(await detect('+++', 500, '+', 1000), '++++');
    assert.equal(await detect('++', 1000, '+', 1000), '+++');
    assert.equal(await detect('data+++', 1000), 'data+++');
  });

  it('loses no other byte', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.constantFrom('+', '++', '+a', 'a', '\xff'), fc.constantFrom(1, 1000)), {
          maxLength: 10,
        }),
        async (inputs) => {
          const sent = inputs.filter((input) => typeof input === 'string').join('');
          const found = await detect(...inputs);
          assert.equal(found.replaceAll('<escape>', '+++'), sent);
        },
      ),
      { numRuns: 50 },
    );
  });
});
