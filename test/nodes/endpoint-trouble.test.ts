import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import RED from 'node-red';
import { defer } from '../support/cleanup';
import { freePort } from '../support/free-port';
import { node, startFlow } from './support/flow';

/** Of Node-RED's log. */
const INFO = 40;

function infoLog(): string[] {
  const said: string[] = [];
  const logger = new EventEmitter().on('log', ({ level, msg }: { level: number; msg: unknown }) => {
    if (level === INFO) said.push(String(msg));
  });
  RED.log.addHandler(logger);
  defer(() => RED.log.removeHandler(logger));
  return said;
}

describe('A client that cannot connect', () => {
  it('shows why it tries again, in the log too, even if a Catch node handles the error', async () => {
    const said = infoLog();
    const flow = await startFlow(node('client', { host: '127.0.0.1', port: await freePort() }));
    await flow.status('client', 'retrying-refused');
    await flow.errors.next();
    assert.ok(said.some((line) => line.includes('connection refused')));
  });
});
