import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '..');

describe('docs/faults.md', () => {
  it('names a test for each fault, and each of them exists', () => {
    const rows = readFileSync(path.join(root, 'docs/faults.md'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('|') && !/^\| (fault|-+) /.test(line));
    assert.ok(rows.length > 30);
    for (const row of rows) {
      const tests = row.split('|').at(-2)!.trim().split(', ');
      for (const name of tests)
        assert.ok(existsSync(path.join(root, 'test', `${name}.test.ts`)), `${name}: ${row}`);
    }
  });
});
