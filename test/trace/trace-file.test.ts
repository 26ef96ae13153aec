import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { TraceFile } from '../../src/trace';

describe('TraceFile', () => {
  let folder: string;
  const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');

  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'qfwd-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const open = (limit?: number): TraceFile =>
    new TraceFile({
      path: path.join(folder, 't'),
      header: () => 'header',
      onError: (error) => assert.fail(error),
      ...(limit !== undefined && { limit }),
    });

  it('is continued when it is opened again', () => {
    for (const line of ['one', 'two']) {
      const file = open();
      file.write(line);
      file.close();
    }
    assert.equal(read('t'), 'one\ntwo\n');
  });

  it('has a limited size, and one predecessor', () => {
    const file = open(40);
    for (let line = 0; line < 100; line++) file.write(`line ${line}`);
    file.close();
    assert.deepEqual(readdirSync(folder), ['t', 't.1']);
    for (const name of ['t', 't.1']) {
      assert.ok(statSync(path.join(folder, name)).size <= 40, name);
      assert.match(read(name), /^header\n/);
    }
    assert.match(read('t'), /line 99\n$/);
  });

  it('can be read by its owner only', function () {
    if (process.platform === 'win32') this.skip();
    open().close();
    assert.equal(statSync(path.join(folder, 't')).mode & 0o777, 0o600);
  });
});
