import assert from 'node:assert/strict';

import { layOut, type Layout } from '../../../src/simulator/line/layout';
import { textPacket, type PacketKind } from '../../../src/simulator/line/packet';
import { lines, start } from '../../support/simulator';

/** A response of lines of these kinds. */
const laidOut = (layout: Layout, ...kinds: PacketKind[]): string =>
  layOut(
    kinds.map((kind) => textPacket(kind, kind)),
    layout,
  )
    .map(({ bytes }) => bytes.toString())
    .join('');

describe('the layout of a response', () => {
  it('wraps each line, or joins them', () => {
    const kinds = ['info', 'info', 'result'] as const;
    assert.equal(laidOut('wrapped', ...kinds), lines('info', 'info', 'result'));
    assert.equal(laidOut('joined', ...kinds), '\r\ninfo\r\ninfo\r\n\r\nresult\r\n');
    assert.equal(laidOut('tight', ...kinds), '\r\ninfo\r\ninfo\r\nresult\r\n');
  });

  it('does not change what is not information text', () => {
    for (const layout of ['wrapped', 'joined', 'tight'] as const) {
      assert.equal(laidOut(layout, 'result'), lines('result'));
      assert.equal(laidOut(layout, 'block', 'urc', 'result'), lines('block', 'urc', 'result'));
    }
  });

  it('applies to every command', async () => {
    const { host } = start({ layout: 'tight' });
    assert.equal(await host.command('AT+CREG?;+CMEE?'), '\r\n+CREG: 0,1\r\n+CMEE: 0\r\nOK\r\n');
    host.write('ATV0\r');
    await host.until('0\r');
    host.write('AT+CMEE?\r');
    assert.equal(await host.until('0\r\n0\r'), '\r\n+CMEE: 0\r\n0\r');
  });
});
