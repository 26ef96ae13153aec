import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

import { tcpTransport } from '../../src/transport';
import { freePort } from '../support/free-port';
import { OpenLink } from '../support/open-link';

describe('A raw TCP serial server', () => {
  let server: Server;
  let port: number;

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });

  afterEach(() => server.close());

  const open = async () => {
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const it = await OpenLink.to(tcpTransport({ host: '127.0.0.1', port }));
    return { it, socket: (await accepted)[0] };
  };

  it('carries bytes both ways', async () => {
    const { it, socket } = await open();
    socket.write('> ');
    it.link.write(Buffer.from('AT\r'));
    assert.equal((await it.received(2)).toString(), '> ');
    assert.equal(String((await once(socket, 'data'))[0]), 'AT\r');
    const closed = once(socket, 'close');
    await it.link.close();
    await closed;
    assert.deepEqual(it.reasons, []);
  });

  it('carries every byte, even those that Telnet would interpret', async () => {
    const { it, socket } = await open();
    const line = Buffer.from('\r\nOK\r\n');
    const bytes = Buffer.concat([line, Buffer.from(Array.from({ length: 256 }, (_, byte) => 255 - byte))]);
    socket.write(Buffer.concat([bytes, Buffer.of(0xff, 0xfb, 0x03)]));
    assert.deepEqual(
      await it.received(bytes.length + 3),
      Buffer.concat([bytes, Buffer.of(0xff, 0xfb, 0x03)]),
    );
    it.link.write(bytes);
    assert.deepEqual((await once(socket, 'data'))[0], bytes);
    await it.link.close();
    assert.deepEqual(it.reasons, []);
  });

  it('that speaks Telnet is rejected, with a remedy', async () => {
    const { it, socket } = await open();
    socket.on('error', () => undefined);
    for (const byte of [0xff, 0xfb, 0x03, 0xff, 0xfd, 0x00]) socket.write(Buffer.of(byte));
    assert.equal(
      await it.closed(),
      `tcp 127.0.0.1:${port} speaks Telnet, which changes data: set the serial server to raw`,
    );
    await it.link.close();
  });

  it('that ends is reported once', async () => {
    const { it, socket } = await open();
    socket.end();
    assert.equal(await it.closed(), `tcp 127.0.0.1:${port} has closed`);
    await it.link.close();
  });

  it('that resets the connection is reported once', async () => {
    const { it, socket } = await open();
    socket.resetAndDestroy();
    assert.match(await it.closed(), /^read ECONNRESET$/);
    await it.link.close();
  });

  it('that cannot be reached is named, with the reason', async () => {
    const nowhere = await freePort();
    for (const host of ['127.0.0.1', 'localhost']) {
      await assert.rejects(
        OpenLink.to(tcpTransport({ host, port: nowhere })),
        new RegExp(`^Error: ${host}:${nowhere} cannot be reached: .*ECONNREFUSED`),
      );
    }
  });

  it('is not waited for if the link is no longer wanted', async () => {
    const abandon = new AbortController();
    const events = { data: () => undefined, closed: () => undefined };
    const opening = tcpTransport({ host: '127.0.0.1', port }).open(events, abandon.signal);
    abandon.abort();
    await assert.rejects(opening, /cannot be reached: The operation was aborted$/);
  });
});
