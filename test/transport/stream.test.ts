import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';

import { SimulatedModule } from '../../src/simulator';
import { inProcessTransport } from '../../src/transport';
import { OpenLink } from '../support/open-link';

describe('A link over a stream', () => {
  const open = async () => {
    const stream = new PassThrough();
    return { stream, open: await OpenLink.to(inProcessTransport('it', () => stream)) };
  };

  it('carries bytes both ways', async () => {
    const { open: it } = await open();
    it.link.write(Buffer.from('abc'));
    assert.equal((await it.received(3)).toString(), 'abc');
    await it.link.close();
  });

  it('reports the end of the stream once', async () => {
    const { stream, open: it } = await open();
    stream.end();
    assert.equal(await it.closed(), 'it has closed');
  });

  it('reports the close of the stream once', async () => {
    const { stream, open: it } = await open();
    stream.destroy();
    assert.equal(await it.closed(), 'it was closed');
  });

  it('reports an error once', async () => {
    const { stream, open: it } = await open();
    stream.destroy(new Error('EIO'));
    assert.equal(await it.closed(), 'EIO');
  });

  it('reports nothing after it was closed, and may be closed and written to again', async () => {
    const { stream, open: it } = await open();
    const closed = once(stream, 'close');
    await it.link.close();
    await closed;
    await it.link.close();
    it.link.write(Buffer.from('late'));
    stream.emit('error', new Error('late'));
    assert.deepEqual(it.reasons, []);
  });
});

describe('A transport to a module in this process', () => {
  it('attaches to it again for each link', async () => {
    const module = new SimulatedModule();
    const transport = inProcessTransport('it', () => module.attach());
    for (let times = 0; times < 2; times++) {
      const it = await OpenLink.to(transport);
      it.link.write(Buffer.from('AT\r'));
      assert.equal((await it.received(9)).toString(), 'AT\r\r\nOK\r\n');
      await it.link.close();
    }
    await module.powerOff();
  });
});
