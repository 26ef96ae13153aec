import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from '../support/free-port';
import { isOpen, tcpServer } from '../support/peers';
import { clone } from './support/clone';
import { exampleEcho } from './support/flows';
import { Program } from './support/program';
import { useScope } from './support/scope';

describe('npm start', () => {
  const scope = useScope();

  it('runs the example until Ctrl-C, and prints what to try', async () => {
    const port = await freePort();
    const start = new Program(scope, 'npm', ['start'], {
      cwd: await clone(scope),
      env: { PORT: String(port) },
    });
    await start.waitFor(/nc 127\.0\.0\.1 2019/);
    assert.match(start.output, new RegExp(`http://127\\.0\\.0\\.1:${port}/`));

    const nc = new Program(scope, 'nc', ['127.0.0.1', '2019']);
    nc.write('hello there\n');
    await nc.waitFor(/^You said: hello there\n$/);

    const example = `http://127.0.0.1:${port}/library/examples/flows/@qfwd/node-red-quectel/echo`;
    assert.deepEqual(await (await fetch(example)).json(), exampleEcho());

    start.signal('SIGINT');
    await start.exited;
    assert.match(start.output, /Stopped flows/);
    for (const freed of [port, 2019]) assert.equal(await isOpen(freed), false);
  });

  it('ends with all processes that it started when only npm is told to', async () => {
    const port = await freePort();
    const start = new Program(scope, 'npm', ['start'], {
      cwd: await clone(scope),
      env: { PORT: String(port) },
    });
    await start.waitFor(/nc 127\.0\.0\.1 2019/);
    process.kill(start.pid, 'SIGTERM');
    // Resolves when the last process that writes here has ended.
    await start.exited;
    assert.match(start.output, /Stopped flows/);
    for (const freed of [port, 2019]) assert.equal(await isOpen(freed), false);
  });

  it('keeps the flow that is already there', async () => {
    const port = await freePort();
    const serverPort = await freePort();
    const dir = await clone(scope);
    const flow = exampleEcho().map((node) =>
      node.type === 'qfwd-server' ? { ...node, port: serverPort } : node,
    );
    const flowFile = path.join(dir, '.node-red', 'flows.json');
    await mkdir(path.dirname(flowFile));
    await writeFile(flowFile, JSON.stringify(flow));

    const start = new Program(scope, 'npm', ['start'], { cwd: dir, env: { PORT: String(port) } });
    await start.waitFor(new RegExp(`nc 127\\.0\\.0\\.1 ${serverPort}`));
    assert.deepEqual(JSON.parse(await readFile(flowFile, 'utf8')), flow);
  });

  it('reports that its port is in use', async () => {
    const { port } = await tcpServer();
    const start = new Program(scope, 'npm', ['start'], {
      cwd: await clone(scope),
      env: { PORT: String(port) },
    });
    assert.equal(await start.exited, 1);
    assert.match(start.output, new RegExp(`Port ${port} is in use`));
  });
});
