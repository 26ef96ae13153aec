import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

import type { ForwardHost } from '../../src/forward';
import { Listener } from '../../src/forward/listener';
import { AllowList, type Modem } from '../../src/modem';
import { defer } from '../support/cleanup';
import { freePort } from '../support/free-port';
import { ManualClock } from '../support/manual-clock';

/** A port that is not open yet, and all that its owner was told. */
async function listenerOf(autoOpen = false) {
  const told: string[] = [];
  const clock = new ManualClock();
  const modem = { clock, isOnline: true, on: () => undefined, off: () => undefined } as unknown as Modem;
  const host: ForwardHost = {
    modem,
    owner: 'a forward',
    observer: {
      onEvent: ({ event }) => told.push(event),
      onState: (state) => told.push(state),
      onError: ({ message }) => told.push(message),
    },
  };
  const port = await freePort();
  const settings = { listenHost: '127.0.0.1', listenPort: port, allow: new AllowList(), maxClients: 0 };
  const create = () => {
    const listener = new Listener(host, settings, (socket) => socket.destroy(), autoOpen);
    defer(() => listener.close());
    return listener;
  };
  return { told, clock, port, create };
}

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

describe('A local port that is closed while it is being opened', () => {
  it('is closed', async () => {
    const { told, port, create } = await listenerOf();
    const listener = create();
    const opening = assert.rejects(listener.open(), { code: 'QFWD_CLOSED' });
    assert.equal(await listener.close(), undefined);
    await opening;
    assert.deepEqual(told, ['opening', 'closed']);
    assert.equal(await canConnect(port), false);
  });

  it('stays closed if it could not have been opened', async () => {
    const { told, clock, port, create } = await listenerOf();
    const other = createServer().listen(port, '127.0.0.1');
    defer(() => other.close());
    await once(other, 'listening');
    const listener = create();
    const opening = assert.rejects(listener.open(), { code: 'QFWD_CLOSED' });
    await listener.close();
    await opening;
    assert.deepEqual(told, ['opening', 'closed']);
    assert.equal(clock.pending, 0);
  });

  it('is not reported as failed if it was to be opened without a call', async () => {
    const { told, create } = await listenerOf(true);
    await create().close();
    // Its host name is looked up later than that of the first one.
    const other = await listenerOf();
    await other.create().open();
    assert.deepEqual(told, ['opening', 'closed']);
  });

  it('can be opened again', async () => {
    const { port, create } = await listenerOf();
    const listener = create();
    const first = listener.open().catch(() => undefined);
    await listener.close();
    await first;
    await listener.open();
    assert.equal(await canConnect(port), true);
  });
});
