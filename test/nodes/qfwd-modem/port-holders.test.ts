import assert from 'node:assert/strict';
import type { Link, Transport } from '../../../src/at';
import { heldBy } from '../../../nodes/qfwd-modem/port-holders';

const EVENTS = { data: () => undefined, closed: () => undefined };

/** A transport that opens, or does not. */
function transportTo(name: string, open: () => Promise<Link> = () => Promise.resolve(link())): Transport {
  return { name, open };
}

function link(): Link {
  return { write: () => undefined, close: () => Promise.resolve() };
}

const gateway = { id: 'a', name: 'Gateway' };
const nameless = { id: 'b', name: '' };
const sameDevice = () => Promise.resolve('/dev/ttyUSB2');

describe('A port that a modem node uses', () => {
  it('is refused to another node, by whatever name, until it is closed', async () => {
    const first = heldBy(gateway, transportTo('/dev/serial/by-id/x'), sameDevice);
    const second = heldBy(nameless, transportTo('/dev/ttyUSB2'), sameDevice);
    const opened = await first.open(EVENTS);
    await assert.rejects(second.open(EVENTS), {
      message: /^\/dev\/ttyUSB2 is locked by the modem node Gateway: give one of the two another port$/,
    });
    await opened.close();
    const other = await second.open(EVENTS);
    await assert.rejects(first.open(EVENTS), { message: /by the modem node b:/ });
    await other.close();
  });

  it('is free again when it could not be opened', async () => {
    const broken = transportTo('/dev/ttyUSB2', () => Promise.reject(new Error('EIO')));
    await assert.rejects(heldBy(gateway, broken, sameDevice).open(EVENTS), { message: 'EIO' });
    const opened = await heldBy(nameless, transportTo('/dev/ttyUSB2'), sameDevice).open(EVENTS);
    await opened.close();
  });

  it('is not refused to the same node, which a deploy may have created again', async () => {
    const before = await heldBy(gateway, transportTo('x'), sameDevice).open(EVENTS);
    const after = await heldBy({ ...gateway }, transportTo('x'), sameDevice).open(EVENTS);
    await before.close();
    await assert.rejects(heldBy(nameless, transportTo('y'), sameDevice).open(EVENTS), { message: /Gateway/ });
    await after.close();
  });

  it('does not affect other ports', async () => {
    const first = await heldBy(gateway, transportTo('x'), sameDevice).open(EVENTS);
    const second = await heldBy(nameless, transportTo('y'), () => Promise.resolve('y')).open(EVENTS);
    await Promise.all([first.close(), second.close()]);
  });
});
