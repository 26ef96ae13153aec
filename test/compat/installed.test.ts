import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import manifest from '../../package.json';
import { exampleEcho, type FlowNode } from '../system/support/flows';
import { freePort } from '../support/free-port';
import { reach } from '../system/support/reach';
import { startNodeRed } from '../system/support/node-red';
import { Program, root } from '../system/support/program';
import { tempDir, useScope } from '../system/support/scope';

/** A package as Node-RED's admin API lists it, one entry for each node type. */
interface NodeSet {
  readonly module: string;
  readonly types: string[];
  readonly enabled: boolean;
  readonly err?: string;
}

describe('the package, installed in a user directory', () => {
  const scope = useScope();

  it('needs no compiler, registers its nodes, works, and leaves nothing behind', async () => {
    const userDir = await tempDir(scope);
    await writeFile(path.join(userDir, 'package.json'), '{ "private": true }');
    await npm(['pack', '--pack-destination', userDir], root);
    const tarball = (await readdir(userDir)).find((name) => name.endsWith('.tgz'))!;
    await npm(['install', '--no-audit', '--no-fund', tarball], userDir);

    const port = await freePort();
    const settings = path.join(userDir, 'settings.js');
    await writeFile(settings, settingsWithoutClone());
    const flow = [...exampleEcho().map((node) => withPort(node, port)), ...serialModem()];
    const { program, url } = await startNodeRed(scope, flow, { userDir, settings });

    const list = await fetch(`${url}/nodes`, { headers: { accept: 'application/json' } });
    const sets = ((await list.json()) as NodeSet[]).filter(({ module }) => module === manifest.name);
    assert.deepEqual(
      sets.flatMap(({ types }) => types).sort(),
      Object.keys(manifest['node-red'].nodes).sort(),
    );
    for (const { types, enabled, err } of sets) assert.deepEqual([enabled, err], [true, undefined], types[0]);

    const peer = await reach(port);
    peer.socket.write('hello\n');
    assert.equal(await peer.text(16), 'You said: hello\n');
    // The native part of serialport was loaded, or there would be another reason.
    await program.waitFor(/not connected to \/dev\/absent: no such port: /);
    program.signal('SIGTERM');
    await program.exited;
    assert.match(program.output, /Stopped flows/);

    await npm(['uninstall', manifest.name], userDir);
    const left = await readdir(path.join(userDir, 'node_modules'), { recursive: true, withFileTypes: true });
    // npm keeps a list of its own, and empty folders of scopes.
    const files = left.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
    assert.deepEqual(files, ['.package-lock.json']);
    const { dependencies = {} } = JSON.parse(await readFile(path.join(userDir, 'package.json'), 'utf8')) as {
      dependencies?: object;
    };
    assert.deepEqual(dependencies, {});
  });

  /** Runs npm where no compiler can be found. */
  async function npm(args: string[], cwd: string): Promise<void> {
    const program = new Program(scope, 'npm', args, { cwd, env: { CC: 'false', CXX: 'false' } });
    assert.equal(await program.exited, 0, program.output);
  }
});

/** As in the clone, except that the clone's own build is not found. */
function settingsWithoutClone(): string {
  const base = JSON.stringify(path.join(root, 'scripts/node-red-settings.cjs'));
  return `const { nodesDir, ...settings } = require(${base});\nmodule.exports = settings;\n`;
}

function withPort(node: FlowNode, port: number): FlowNode {
  return node.type === 'qfwd-server' ? { ...node, port } : node;
}

/** A modem on a port that does not exist, and a node that wants it. */
function serialModem(): FlowNode[] {
  const modem = { id: 'absent', type: 'qfwd-modem', name: '', transport: 'serial', path: '/dev/absent' };
  const tab = exampleEcho().find(({ type }) => type === 'tab')!.id;
  return [
    modem,
    {
      id: 'at',
      type: 'qfwd-at',
      z: tab,
      name: '',
      modem: 'absent',
      command: 'AT',
      x: 100,
      y: 400,
      wires: [[]],
    },
  ];
}
