import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type RequestOptions } from 'node:http';
import type { AddressInfo } from 'node:net';

import { AllowList } from '../../src/modem';
import { defer } from '../support/cleanup';
import { halfOpenServer, proxy } from '../support/forward';
import { freePort } from '../support/free-port';
import { hostileBytes } from '../support/hostile';
import { scenario } from '../support/modem/family';
import { readyRig } from '../support/modem/rig';
import { connectPeer } from '../support/peers';

const PAGE = hostileBytes(40_000, 'page');

/** A web server that says what it was asked. */
async function webServer(): Promise<{ port: number; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((question, answer) => {
    asked.push(question);
    const chunks: Buffer[] = [];
    question.on('data', (chunk: Buffer) => chunks.push(chunk));
    question.on('end', () => {
      answer.writeHead(200, { 'x-method': question.method ?? '' });
      answer.end(question.method === 'POST' ? Buffer.concat(chunks) : PAGE);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, asked };
}

async function answerTo(options: RequestOptions, body?: Buffer) {
  const question = request({ host: '127.0.0.1', agent: false, ...options });
  question.end(body);
  const [answer] = (await once(question, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return { status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) };
}

scenario('An HTTP proxy over the module', () => {
  it('tunnels to the host of a CONNECT request', async () => {
    const rig = await readyRig();
    const target = await halfOpenServer((socket) => socket.pipe(socket));
    const it = await proxy(rig);
    const caller = await connectPeer(it.listenPort);
    // What follows the request at once is for the host.
    caller.socket.write(`CONNECT 127.0.0.1:${target.port} HTTP/1.1\r\nHost: x\r\n\r\nearly`);
    await caller.untilText('HTTP/1.1 200 Connection established\r\n\r\nearly');
    caller.socket.write(PAGE);
    assert.ok((await caller.until(44 + PAGE.length)).subarray(-PAGE.length).equals(PAGE));
    assert.equal((await it.event('client/open')).to, `127.0.0.1:${target.port}`);
    caller.socket.destroy();
    await it.event('client/close');
    assert.deepEqual(rig.modem.connections(), []);
  });

  it('fetches a page by its absolute URL, and forwards only headers for the host', async () => {
    const rig = await readyRig();
    const web = await webServer();
    const it = await proxy(rig);
    const { status, headers, body } = await answerTo({
      port: it.listenPort,
      path: `http://127.0.0.1:${web.port}/a/page?with=query`,
      headers: { host: `127.0.0.1:${web.port}`, 'proxy-authorization': 'secret', 'x-mine': 'mine' },
    });
    assert.equal(status, 200);
    assert.equal(headers['x-method'], 'GET');
    assert.ok(body.equals(PAGE));
    const [asked] = web.asked;
    assert.equal(asked?.url, '/a/page?with=query');
    assert.equal(asked.headers.host, `127.0.0.1:${web.port}`);
    assert.equal(asked.headers['x-mine'], 'mine');
    assert.equal(asked.headers['proxy-authorization'], undefined);
    await it.event('client/close');
    assert.deepEqual(rig.modem.connections(), []);
  });

  it('forwards the body of a request', async () => {
    const rig = await readyRig();
    const web = await webServer();
    const { listenPort } = await proxy(rig);
    const { body } = await answerTo(
      { port: listenPort, path: `http://127.0.0.1:${web.port}/`, method: 'POST' },
      PAGE,
    );
    assert.ok(body.equals(PAGE));
  });

  it('answers several requests of one client, one after the other', async () => {
    const rig = await readyRig();
    const web = await webServer();
    const { listenPort } = await proxy(rig);
    const caller = await connectPeer(listenPort);
    for (let turn = 1; turn <= 3; turn++) {
      caller.socket.write(`GET http://127.0.0.1:${web.port}/${turn} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await rig.until(() => caller.received.toString('latin1').split('HTTP/1.1 200 OK').length === turn + 1);
    }
    assert.deepEqual(
      web.asked.map(({ url }) => url),
      ['/1', '/2', '/3'],
    );
  });

  it('reports once why a host cannot be reached, in its response and as an error', async () => {
    const rig = await readyRig();
    const port = await freePort();
    const it = await proxy(rig);
    const { status, body } = await answerTo({ port: it.listenPort, path: `http://127.0.0.1:${port}/` });
    assert.equal(status, 502);
    assert.match(body.toString(), /^connection refused/);
    const caller = await connectPeer(it.listenPort);
    caller.socket.write(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await caller.ended;
    assert.match(caller.received.toString(), /^HTTP\/1.1 502 Bad Gateway\r\n[^]*\r\n\r\nconnection refused/);
    assert.deepEqual(
      it.errors.all.map(({ code }) => code),
      ['QFWD_OPEN_FAILED', 'QFWD_OPEN_FAILED'],
    );
  });

  it('makes the module open nothing for what is no request to a proxy', async () => {
    const rig = await readyRig();
    const it = await proxy(rig);
    for (const question of [
      'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
      'GET https://127.0.0.1/ HTTP/1.1\r\nHost: x\r\n\r\n',
      'CONNECT 127.0.0.1 HTTP/1.1\r\nHost: x\r\n\r\n',
      'CONNECT /// HTTP/1.1\r\nHost: x\r\n\r\n',
      '\u0000\u0001\u0002\r\n\r\n',
    ]) {
      const caller = await connectPeer(it.listenPort);
      caller.socket.end(question);
      await caller.ended;
      assert.doesNotMatch(caller.received.toString(), /^HTTP\/1.1 200/, question);
    }
    assert.equal(rig.count(rig.family.commands.openClient), 0);
    assert.deepEqual(it.names, ['server/open']);
  });

  it('rejects a host that could end the command line', async () => {
    const rig = await readyRig();
    const it = await proxy(rig);
    const caller = await connectPeer(it.listenPort);
    caller.socket.write('CONNECT 127.0.0.1";+QPOWD:80 HTTP/1.1\r\nHost: x\r\n\r\n');
    await caller.ended;
    assert.match(caller.received.toString(), /^HTTP\/1.1 (400|502)/);
    assert.equal(rig.count(rig.family.commands.openClient), 0);
  });

  it('serves only admitted addresses', async () => {
    const rig = await readyRig();
    const web = await webServer();
    const { listenPort } = await proxy(rig, { allow: new AllowList(['127.0.0.2']) });
    const path = `http://127.0.0.1:${web.port}/`;
    await assert.rejects(answerTo({ port: listenPort, path }));
    const { status } = await answerTo({ port: listenPort, path, localAddress: '127.0.0.2' });
    assert.equal(status, 200);
  });
});
