import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Memories } from '../../../nodes/qfwd-modem/memories';
import { defer } from '../../support/cleanup';

describe('The memory of a modem', () => {
  let folder: string;
  const memories = () => new Memories(folder);

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'qfwd-'));
    defer(() => rmSync(folder, { recursive: true }));
  });

  it('is the same object after a deploy', () => {
    const all = memories();
    const memory = all.take('a');
    memory.unread.set('1', [{ data: Buffer.from('x') }]);
    all.save('a');
    assert.equal(all.take('a'), memory);
    assert.equal(all.wasKilled('a'), false);
  });

  it('is restored after a restart', () => {
    const before = memories();
    const memory = before.take('a');
    memory.openedWith.set('owner', 'settings');
    const from = { ip: '192.0.2.1', port: 7 };
    memory.unread.set('1', [{ data: Buffer.from([0, 255]) }, { data: Buffer.from('x'), from }]);
    memory.connections = [{ socketId: 7, protocol: 'tcp', owner: 'owner' }];
    before.save('a');
    const after = memories();
    assert.equal(after.wasKilled('a'), false);
    assert.deepEqual(after.take('a'), memory);
  });

  it('is never used twice: it is not on the disk while a modem runs', () => {
    const before = memories();
    before.take('a').unread.set('1', [{ data: Buffer.from('x') }]);
    before.save('a');
    before.take('a');
    const after = memories();
    assert.equal(after.wasKilled('a'), true);
    assert.equal(after.take('a').unread.size, 0);
  });

  it('is empty if the file is damaged, or has another format', () => {
    for (const text of ['{', '{"a":{}}', '{"a":{"openedWith":1,"unread":[],"connections":[]}}']) {
      writeFileSync(path.join(folder, '.qfwd-memory.json'), text);
      assert.equal(memories().take('a').connections.length, 0);
    }
  });

  it('is deleted with its node', () => {
    const all = memories();
    all.take('a').openedWith.set('owner', 'settings');
    all.save('a');
    all.delete('a');
    assert.equal(memories().take('a').openedWith.size, 0);
  });
});
