import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { KeptValues } from '../../../nodes/qfwd-modem/kept-values';
import { areStreamSockets, isFoundFamily } from '../../../src/modem';
import { defer } from '../../support/cleanup';

const FILE = '.qfwd-test.json';
const FOUND = { family: 'tcpip', firmware: 'EC25EFAR06A03M4G' };
const SOCKETS = [{ socketId: 0, host: 'example.com', port: 443 }];

function folder(): string {
  const created = mkdtempSync(path.join(tmpdir(), 'qfwd-'));
  defer(() => rmSync(created, { recursive: true }));
  return created;
}

describe('Stored values of modems', () => {
  it('are restored by the next process, for the same modem', () => {
    const where = folder();
    new KeptValues(where, FILE, isFoundFamily).of('a').value = FOUND;
    const next = new KeptValues(where, FILE, isFoundFamily);
    assert.deepEqual(next.of('a').value, FOUND);
    assert.equal(next.of('b').value, undefined);
    next.delete('a');
    assert.equal(new KeptValues(where, FILE, isFoundFamily).of('a').value, undefined);
  });

  it('are available before they are on the disk', () => {
    const where = folder();
    new KeptValues(where, FILE, areStreamSockets, false).of('a').value = SOCKETS;
    assert.deepEqual(new KeptValues(where, FILE, areStreamSockets, false).of('a').value, SOCKETS);
  });

  it('are missing if the file contains something else', () => {
    for (const wrong of [1, null, 'x', {}, { family: 2 }, [1], [null], [{ ...SOCKETS[0], port: '443' }]]) {
      const where = folder();
      writeFileSync(path.join(where, FILE), JSON.stringify({ a: wrong }));
      assert.equal(new KeptValues(where, FILE, isFoundFamily).of('a').value, undefined);
      assert.equal(new KeptValues(where, FILE, areStreamSockets).of('a').value, undefined);
    }
  });
});
