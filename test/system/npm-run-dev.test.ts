import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from '../support/free-port';
import { isOpen } from '../support/peers';
import { clone } from './support/clone';
import { Program } from './support/program';
import { useScope } from './support/scope';

describe('npm run dev', () => {
  const scope = useScope();

  it('builds and starts Node-RED again when a source changes, and ends with all it started', async () => {
    const port = await freePort();
    const dir = await clone(scope);
    const dev = new Program(scope, 'npm', ['run', 'dev'], { cwd: dir, env: { PORT: String(port) } });
    const starts = (count: number) =>
      dev.waitFor(new RegExp(`(Server now running[^]*Started flows[^]*){${count}}`));
    await starts(1);

    // No module of the build: the help of a node.
    const help = path.join(dir, 'nodes/qfwd-server/locales/en-US.md');
    await writeFile(help, `${await readFile(help, 'utf8')}\nNew words.\n`);
    await starts(2);
    assert.match(await pagesOfNodes(port), /New words\./);

    const module = path.join(dir, 'nodes/qfwd-server/qfwd-server.ts');
    const source = await readFile(module, 'utf8');
    await writeFile(module, `${source}\n}`);
    await dev.waitFor(/build failed: [^]*qfwd-server\.ts:\d+/);
    assert.match(await pagesOfNodes(port), /New words\./, 'Node-RED goes on');
    await writeFile(module, source);
    await starts(3);

    process.kill(dev.pid, 'SIGTERM');
    await dev.exited;
    assert.match(dev.output, /(Stopped flows[^]*){3}/);
    for (const freed of [port, 2019]) assert.equal(await isOpen(freed), false);
  });
});

/** Forms, scripts and help of all nodes, as the editor gets them. */
async function pagesOfNodes(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/nodes`, { headers: { Accept: 'text/html' } });
  return response.text();
}
