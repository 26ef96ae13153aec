import assert from 'node:assert/strict';
import { connectedFlow, node } from './support/flow';

describe('qfwd-at', () => {
  it('executes the command of the message', async () => {
    const { flow } = await connectedFlow(node('at'));
    flow.input('at', { payload: 'AT+CPIN?', topic: 'mine' });
    const { payload, topic } = await flow.from('at').next();
    assert.deepEqual(payload, { command: 'AT+CPIN?', lines: ['+CPIN: READY'], result: 'OK' });
    assert.equal(topic, 'mine');
  });

  it('executes the configured command', async () => {
    const { flow } = await connectedFlow(node('at', { command: 'AT' }));
    flow.input('at', { payload: 'AT+CPIN?' });
    assert.deepEqual((await flow.from('at').next()).payload, { command: 'AT', lines: [], result: 'OK' });
  });

  it('passes on the response if the module rejects the command', async () => {
    const { flow } = await connectedFlow(node('at'));
    const error = await flow.refusal('at', { payload: 'AT+NOSUCHTHING' });
    assert.equal(error.code, 'QFWD_REJECTED');
  });

  for (const payload of [
    'AT+CSQ;+QPOWD',
    'AT\rAT+QPOWD',
    'AT+QFWDSEND=2,0',
    'AT+ qfwdsend = 2,0',
    'ATE1',
    'AT+IPR=9600',
    'hello',
    '',
    5,
  ]) {
    it(`rejects ${JSON.stringify(payload)}`, async () => {
      const { flow } = await connectedFlow(node('at'));
      assert.equal((await flow.refusal('at', { payload })).code, 'QFWD_INVALID');
    });
  }
});
