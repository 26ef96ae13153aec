/** What a receive node passes to its flow when Node-RED is stopped while a peer sends without a pause. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from '../support/free-port';
import { untilFile } from './support/files';
import { rawEcho } from './support/flows';
import { startNodeRed } from './support/node-red';
import { reach } from './support/reach';
import { tempDir, useScope } from './support/scope';
import { startSimulator } from './support/simulator';

/** Bytes of a record. */
const RECORD = 16;
const ROUNDS = 5;

describe('Node-RED that is stopped', () => {
  const scope = useScope();

  it('by SIGTERM, repeatedly while a peer sends, neither loses nor doubles data', async () => {
    const userDir = await tempDir(scope);
    const tty = path.join(await tempDir(scope), 'ttyAT');
    await startSimulator(scope, '--pty', tty);
    const port = await freePort();
    const flow = rawEcho(port, { transport: 'serial', path: tty }).map((node) =>
      node.type === 'qfwd-send' ? { ...node, type: 'debug', active: false } : node,
    );
    const record = path.join(userDir, 'received');
    const settings = await recording(userDir, record);

    let sent = 0;
    const over = new AbortController();
    const start = () => startNodeRed(scope, flow, { userDir, settings });
    let { program } = await start();
    const { socket } = await reach(port);
    const sending = (async () => {
      while (!over.signal.aborted) {
        const records = Array.from({ length: 64 }, () => String(sent++).padEnd(RECORD, '.')).join('');
        if (!socket.write(records)) await once(socket, 'drain');
        await new Promise(setImmediate);
      }
    })();
    for (let round = 0; round < ROUNDS; round++) {
      const before = statSync(record).size;
      await untilLength(record, before + 50_000);
      program.signal('SIGTERM');
      await program.exited;
      ({ program } = await start());
    }
    over.abort();
    await sending;
    const all = sent * RECORD;
    await untilLength(record, all);
    const received = (await readFile(record)).toString('latin1');
    assert.equal(received.length, all);
    for (let number = 0; number < sent; number++) {
      assert.equal(
        received.slice(number * RECORD, (number + 1) * RECORD),
        String(number).padEnd(RECORD, '.'),
      );
    }
  });
});

function untilLength(file: string, length: number): Promise<void> {
  return untilFile(file, () => statSync(file).size >= length);
}

/** Settings of a Node-RED that writes what its receive nodes send to a file, before any other node sees it. */
async function recording(folder: string, file: string): Promise<string> {
  const nodesDir = path.join(folder, 'recorder');
  await mkdir(nodesDir);
  await writeFile(file, '');
  const hook = `
    const { appendFileSync } = require('node:fs');
    module.exports = (RED) => {
      RED.hooks.add('onSend.recorder', (events) => {
        for (const { source, msg } of events)
          if (source.node.type === 'qfwd-recv') appendFileSync(${JSON.stringify(file)}, msg.payload);
      });
    };`;
  await writeFile(path.join(nodesDir, 'recorder.js'), hook);
  await writeFile(path.join(nodesDir, 'recorder.html'), '');
  const settings = path.join(folder, 'recording-settings.cjs');
  const base = path.resolve('scripts/node-red-settings.cjs');
  await writeFile(
    settings,
    `const base = require(${JSON.stringify(base)});
    module.exports = { ...base, nodesDir: [base.nodesDir, ${JSON.stringify(nodesDir)}] };`,
  );
  return settings;
}
