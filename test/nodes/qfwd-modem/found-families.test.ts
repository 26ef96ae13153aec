import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { FoundFamilies } from '../../../nodes/qfwd-modem/found-families';
import { defer } from '../../support/cleanup';

const FOUND = { family: 'tcpip', firmware: 'EC25EFAR06A03M4G' };

describe('The commands that modules were found to have', () => {
  function folder(): string {
    const created = mkdtempSync(path.join(tmpdir(), 'qfwd-'));
    defer(() => rmSync(created, { recursive: true }));
    return created;
  }

  it('are known in the next process, for the same modem', () => {
    const where = folder();
    new FoundFamilies(where).memoryOf('a').found = FOUND;
    const next = new FoundFamilies(where);
    assert.deepEqual(next.memoryOf('a').found, FOUND);
    assert.equal(next.memoryOf('b').found, undefined);
    next.delete('a');
    assert.equal(new FoundFamilies(where).memoryOf('a').found, undefined);
  });

  it('are unknown where the file holds something else', () => {
    const where = folder();
    writeFileSync(
      path.join(where, '.qfwd-commands.json'),
      JSON.stringify({ a: 1, b: null, c: { family: 2 } }),
    );
    for (const id of ['a', 'b', 'c']) assert.equal(new FoundFamilies(where).memoryOf(id).found, undefined);
  });
});
