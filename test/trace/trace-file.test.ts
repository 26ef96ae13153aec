import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { parseTrace, recordInFile } from '../../src/trace';
import { TraceFile } from '../../src/trace/trace-file';

describe('TraceFile', () => {
  let folder: string;
  const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');

  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'qfwd-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const open = (limit?: number): TraceFile =>
    new TraceFile({
      path: path.join(folder, 't'),
      appends: true,
      header: () => 'header',
      onError: (error) => assert.fail(error),
      ...(limit !== undefined && { limit }),
    });

  it('is continued when it is opened again', () => {
    for (const line of ['one', 'two']) {
      const file = open();
      file.write(() => line);
      file.close();
    }
    assert.equal(read('t'), 'one\ntwo\n');
  });

  it('is continued on a line of its own after one that was cut off', () => {
    writeFileSync(path.join(folder, 't'), 'one\ntw');
    const file = open();
    file.write(() => 'three');
    file.close();
    assert.equal(read('t'), 'one\ntw\nthree\n');
  });

  it('has a limited size, and one predecessor', () => {
    const file = open(40);
    for (let line = 0; line < 100; line++) file.write(() => `line ${line}`);
    file.close();
    assert.deepEqual(readdirSync(folder), ['t', 't.1']);
    for (const name of ['t', 't.1']) {
      assert.ok(statSync(path.join(folder, name)).size <= 40, name);
      assert.match(read(name), /^header\n/);
    }
    assert.match(read('t'), /line 99\n$/);
  });

  it('is a trace of its own each time, whose time begins at 0', async () => {
    const { recorder, close } = recordInFile({
      path: path.join(folder, 't'),
      appends: true,
      limit: 250,
      onError: (error) => assert.fail(error),
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    const first = parseTrace(read('t'));
    const record = (): void => recorder.record('usbat', 'out', Buffer.from('AT\r'));
    while (!readdirSync(folder).includes('t.1')) record();
    close();
    assert.deepEqual(first, []);
    assert.ok(parseTrace(read('t.1')).at(0)!.ms >= 29);
    assert.deepEqual(
      parseTrace(read('t')).map(({ ms }) => ms),
      [0],
    );
  });

  it('can be read by its owner only', function () {
    if (process.platform === 'win32') this.skip();
    open().close();
    assert.equal(statSync(path.join(folder, 't')).mode & 0o777, 0o600);
  });
});
