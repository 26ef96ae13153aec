import assert from 'node:assert/strict';

import type { Link, Transport } from '../../../src/at';
import { Port } from '../../../src/modem/link/port';
import { ManualClock, settled } from '../../support/manual-clock';

const STOPPED = new Error('the modem was stopped');

/** A port that opens and closes when the test says so. */
class SlowPort implements Transport {
  readonly name = 'a slow port';
  readonly clock = new ManualClock();
  finishOpening: () => void = () => undefined;
  finishClosing: () => void = () => undefined;
  isClosed = false;
  readonly port = new Port({ clock: this.clock, transport: this, onData: () => undefined });
  isOver = false;

  open(): Promise<Link> {
    const close = (): Promise<void> => {
      this.isClosed = true;
      return new Promise((resolve) => (this.finishClosing = resolve));
    };
    return new Promise((resolve) => {
      this.finishOpening = () => resolve({ write: () => undefined, close });
    });
  }

  /** Uses the port until it is given up. */
  async use(): Promise<Error> {
    const reason = await this.port.use((): Promise<Error> => this.port.gone).catch((error: unknown) => error);
    this.isOver = true;
    return reason as Error;
  }
}

describe('A port that is given up', () => {
  it('and does not open does not delay the end of its use', async () => {
    const slow = new SlowPort();
    const used = slow.use();
    slow.port.giveUp(STOPPED);
    await slow.clock.advance(500);
    assert.equal(await used, STOPPED);
    assert.equal(slow.clock.pending, 0);
    // It must not stay open, however late it opens.
    slow.finishOpening();
    await settled();
    assert.equal(slow.isClosed, true);
  });

  it('shortly before it opens is closed before the end of its use', async () => {
    const slow = new SlowPort();
    const used = slow.use();
    slow.port.giveUp(STOPPED);
    await slow.clock.advance(100);
    slow.finishOpening();
    await settled();
    assert.deepEqual([slow.isClosed, slow.isOver], [true, false]);
    slow.finishClosing();
    assert.equal(await used, STOPPED);
  });

  it('once it is open has seconds to close', async () => {
    const slow = new SlowPort();
    const used = slow.use();
    slow.finishOpening();
    await settled();
    slow.port.giveUp(STOPPED);
    await slow.clock.advance(3000);
    assert.deepEqual([slow.isClosed, slow.isOver], [true, false]);
    await slow.clock.advance(1000);
    assert.equal(await used, STOPPED);
  });
});
