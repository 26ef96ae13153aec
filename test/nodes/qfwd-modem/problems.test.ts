import assert from 'node:assert/strict';
import RED from 'node-red';
import helper from 'node-red-node-test-helper';
import { type Modem, QfwdError } from '../../../src/modem';
import { node, simulatorModem, startFlow } from '../support/flow';

describe('A problem of a modem', () => {
  for (const change of [{}, { openTimeout: 99_000 }]) {
    it(`while no node has it, as a deploy replaces ${Object.keys(change).join() || 'nothing of it'}, is told once by the next`, async () => {
      const modem = simulatorModem({});
      const flow = await startFlow(modem, node('at'));
      await flow.status('at', 'ready');
      const { modem: running } = helper.getNode(flow.modemId) as unknown as { modem: Modem };
      const problem = new QfwdError('QFWD_UNKNOWN_OUTCOME', 'data is lost');
      RED.events.once('flows:stopped', () => running.emit('problem', problem));
      await flow.deploy([{ ...modem, ...change }, node('at')], 'full');
      const { error } = await flow.errors.next();
      assert.match(error!.message, /data is lost/);
      await flow.status('at', 'ready');
      assert.deepEqual(flow.errors.pending, []);
    });
  }
});
