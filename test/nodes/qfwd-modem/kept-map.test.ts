import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KeptMap } from '../../../nodes/qfwd-modem/kept-map';
import { defer } from '../../support/cleanup';

describe('A stored map', () => {
  let folder: string;
  const file = () => path.join(folder, 'map.json');
  const map = () => new KeptMap(folder, 'map.json');

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'qfwd-'));
    defer(() => rmSync(folder, { recursive: true }));
  });

  it('is restored after a restart, and leaves no other file behind', () => {
    assert.equal(map().set('a', { n: 1 }), true);
    const next = map();
    next.set('b', 2);
    next.delete('a');
    assert.deepEqual([map().get('a'), map().get('b')], [undefined, 2]);
    assert.deepEqual(readdirSync(folder), ['map.json']);
  });

  it('keeps the previous file until the new one is complete', () => {
    map().set('a', 1);
    // What a process that was killed while it wrote has left behind.
    writeFileSync(`${file()}.new`, '{"a":');
    assert.equal(map().get('a'), 1);
    map().set('a', 2);
    assert.equal(readFileSync(file(), 'utf8'), '{"a":2}');
    assert.deepEqual(readdirSync(folder), ['map.json']);
  });

  it('reports that its content was damaged', () => {
    assert.equal(map().isDamaged, false);
    writeFileSync(file(), '{"a"');
    const damaged = map();
    assert.deepEqual([damaged.isDamaged, damaged.get('a')], [true, undefined]);
    damaged.set('a', 1);
    assert.deepEqual([map().isDamaged, map().get('a')], [false, 1]);
  });

  it('reports that it cannot be written, and keeps its values in memory', () => {
    mkdirSync(file());
    const unkept = map();
    assert.deepEqual([unkept.isDamaged, unkept.set('a', 1), unkept.get('a')], [true, false, 1]);
  });
});
