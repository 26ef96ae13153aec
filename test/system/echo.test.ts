import assert from 'node:assert/strict';
import path from 'node:path';
import { freePort } from '../support/free-port';
import { exampleEcho, rawEcho } from './support/flows';
import { hostileBytes, sha256 } from '../support/hostile';
import { startNodeRed } from './support/node-red';
import { reach } from './support/reach';
import { Program } from './support/program';
import { tempDir, useScope } from './support/scope';
import { startSimulator } from './support/simulator';

describe('a flow that sends back what it receives', () => {
  const scope = useScope();

  async function assertEchoes(port: number, bytes: Buffer): Promise<void> {
    const peer = await reach(port);
    peer.socket.write(bytes);
    assert.equal(sha256(await peer.until(bytes.length)), sha256(bytes));
  }

  it('returns 2 MB of hostile bytes unchanged over a serial port', async () => {
    const tty = path.join(await tempDir(scope), 'ttyAT');
    await startSimulator(scope, '--pty', tty);
    const port = await freePort();
    await startNodeRed(scope, rawEcho(port, { transport: 'serial', path: tty }));
    await assertEchoes(port, hostileBytes(2 * 1024 * 1024, 'serial'));
  });

  it('returns 2 MB of hostile bytes unchanged over a raw TCP serial server', async () => {
    const atPort = await freePort();
    await startSimulator(scope, '--tcp', `127.0.0.1:${atPort}`);
    const port = await freePort();
    await startNodeRed(scope, rawEcho(port, { transport: 'tcp', host: '127.0.0.1', port: atPort }));
    await assertEchoes(port, hostileBytes(2 * 1024 * 1024, 'tcp'));
  });

  it('answers a line typed into nc, as shipped', async () => {
    await startNodeRed(scope, exampleEcho());
    (await reach(2020)).socket.destroy();
    const nc = new Program(scope, 'nc', ['127.0.0.1', '2020']);
    nc.write('hello there\n');
    await nc.waitFor(/^You said: hello there\n$/);
  });
});
