/** The life of a real Node-RED: deployed, killed, restarted, not alone on its machine. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../support/free-port';
import { isOpen, type Peer } from '../support/peers';
import { type FlowNode, rawEcho } from './support/flows';
import { reach } from './support/reach';
import { deploy, startNodeRed } from './support/node-red';
import type { Program } from './support/program';
import { tempDir, useScope } from './support/scope';
import { startSimulator } from './support/simulator';

describe('Node-RED at a tty', () => {
  const scope = useScope();
  let tty: string;
  let port: number;
  let flow: FlowNode[];
  let simulator: Program;

  beforeEach(async () => {
    tty = path.join(await tempDir(scope), 'ttyAT');
    simulator = await startSimulator(scope, '--pty', tty, '--trace');
    port = await freePort();
    flow = rawEcho(port, { transport: 'serial', path: tty });
  });

  it('is deployed a hundred times in each way, and keeps its connection', async () => {
    const nodeRed = await startNodeRed(scope, flow);
    const peer = await reach(port);
    await echoes(peer, 'at first');
    let files = 0;
    for (const type of ['full', 'flows', 'nodes'] as const) {
      for (let round = 0; round < 100; round++) {
        const topic = `${type} ${round}`;
        await deploy(
          nodeRed,
          flow.map((node) => (node.type === 'qfwd-recv' ? { ...node, topic } : node)),
          type,
        );
        await echoes(peer, `after ${topic}`);
        if (type === 'full' && round === 3) files = openFiles(nodeRed.program);
      }
    }
    assert.ok(openFiles(nodeRed.program) <= files + 2, 'file handles were left open');
    assert.doesNotMatch(nodeRed.program.output, /in use|cannot be opened|not connected|UNKNOWN_OUTCOME/i);
  });

  it('is killed and started again: it adopts its sockets with their data, and closes those that no node declares', async () => {
    const userDir = await tempDir(scope);
    const otherPort = await freePort();
    const server = flow.find(({ type }) => type === 'qfwd-server')!;
    const other: FlowNode = { ...server, id: 'another server', port: otherPort };
    const first = await startNodeRed(scope, [...flow, other], { userDir });
    const peer = await reach(port);
    const stray = await reach(otherPort);
    await echoes(peer, 'before');
    first.program.signal('SIGKILL');
    await first.program.exited;
    peer.socket.write('while nobody was there');

    await startNodeRed(scope, flow, { userDir });
    assert.equal(await peer.text(22), 'while nobody was there');
    await echoes(peer, 'afterwards');
    await stray.closed;
    assert.equal(await isOpen(otherPort), false);
    assert.equal(simulator.output.match(/AT\+QFWDSEVER=0/g)?.length, 2, 'a server was opened again');
  });

  it('can have two modems', async () => {
    const second = path.join(await tempDir(scope), 'ttyAT');
    await startSimulator(scope, '--pty', second);
    const secondPort = await freePort();
    const secondFlow = renamed(rawEcho(secondPort, { transport: 'serial', path: second }), 'second');
    await startNodeRed(scope, [...flow, ...secondFlow]);
    const peers = [await reach(port), await reach(secondPort)];
    await Promise.all(peers.map((peer, at) => echoes(peer, `modem ${at}`)));
  });

  it('is not affected by four other programs on the same computer, nor by a second one that opens the same tty', async () => {
    const others = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const otherPort = await freePort();
        await startNodeRed(scope, rawEcho(otherPort, { transport: 'simulator' }));
        return reach(otherPort);
      }),
    );
    const first = await startNodeRed(scope, flow);
    const peer = await reach(port);
    const rival = await startNodeRed(scope, flow);
    await rival.program.waitFor(/port in use by another program/);
    await Promise.all([peer, ...others].map((it, at) => echoes(it, `runtime ${at}`)));
    first.program.signal('SIGKILL');
    await first.program.exited;
    await rival.program.waitFor(/connected to/);
    await echoes(peer, 'by the other one');
  });
});

async function echoes(peer: Peer, text: string): Promise<void> {
  peer.socket.write(text);
  assert.equal(await peer.text(text.length), text);
}

function openFiles({ pid }: Program): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** The same flow once more beside itself. */
function renamed(flow: FlowNode[], prefix: string): FlowNode[] {
  const text = flow.reduce(
    (json, { id }) => json.replaceAll(`"${id}"`, `"${prefix} ${id}"`),
    JSON.stringify(flow),
  );
  return JSON.parse(text) as FlowNode[];
}
