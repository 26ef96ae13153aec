import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';

import { parseTrace, readTrace, traceLine } from '../../src/trace';

const HEADER = '{"trace":1,"at":"2026-01-31T12:00:00.000Z","software":"0.2.0"}';
const ENTRY = '{"ms":12,"port":"usbat","dir":"out","data":"AT\\r"}';
const PARSED = { ms: 12, port: 'usbat', dir: 'out', data: 'AT\r' };

describe('parseTrace', () => {
  const accepted: [what: string, text: string][] = [
    ['CRLF and empty lines', `${HEADER}\r\n\r\n${ENTRY}\r\n`],
    ['a byte order mark, and no end of the last line', `\ufeff${HEADER}\n${ENTRY}`],
    [
      'properties that it does not know',
      `{"by":"hand",${HEADER.slice(1)}\n{"note":"first",${ENTRY.slice(1)}\n`,
    ],
    ['a last line that is cut off', `${HEADER}\n${ENTRY}\n{"ms":13,"port":"usb`],
    ['a line that is cut off before another part', `${HEADER}\n${ENTRY}\n{"ms":13,"po\n${HEADER}\n`],
  ];
  for (const [what, text] of accepted) {
    it(`accepts ${what}`, () => {
      assert.deepEqual(
        parseTrace(text).map(({ ms, port, dir, data }) => ({ ms, port, dir, data })),
        [PARSED],
      );
    });
  }

  const refused: [what: string, text: string, error: RegExp][] = [
    [
      'a file without a header',
      `${ENTRY}\n`,
      /^Error: this is no trace: line 1 is no header, such as \{"trace":1,/,
    ],
    ['an empty file', '', /this is no trace: line 1/],
    ['another version', HEADER.replace('1', '2'), /this trace has version 2, and only version 1 is known/],
    ['a comment', `${HEADER}\n# start\n${ENTRY}\n`, /line 2 is no line of a trace, such as \{"ms":12,/],
    ['a line that is cut off in the middle', `${HEADER}\n{"ms":1\n${ENTRY}\n`, /line 2 is no line/],
    ['what are no bytes', `${HEADER}\n${ENTRY.replace('AT', '\\u20ac')}\n`, /line 2 is no line/],
    ['a time before the begin', `${HEADER}\n${ENTRY.replace('12', '-1')}\n`, /line 2 is no line/],
  ];
  for (const [what, text, error] of refused) {
    it(`refuses ${what}, and says which line it is`, () => {
      assert.throws(() => parseTrace(text), error);
    });
  }

  it('counts the time of all parts of a file from its begin', () => {
    const text = [HEADER, ENTRY, HEADER, ENTRY, ENTRY].join('\n');
    assert.deepEqual(
      parseTrace(text).map(({ ms }) => ms),
      [12, 24, 24],
    );
  });

  it('reads what was written, whatever the bytes', () => {
    const entry = fc.record(
      {
        ms: fc.nat(),
        port: fc.string(),
        dir: fc.constantFrom('in' as const, 'out' as const),
        data: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        const lines = entries.map(traceLine);
        for (const line of lines) assert.match(line, /^[ -~]*$/);
        assert.deepEqual(parseTrace([HEADER, ...lines, ''].join('\n')), entries);
      }),
    );
  });
});

describe('readTrace', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'qfwd-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('names the file that is no trace', async () => {
    const file = path.join(folder, 't');
    writeFileSync(file, 'hello\n');
    await assert.rejects(readTrace(file), new RegExp(`^Error: ${file}: this is no trace: line 1`));
  });

  it('does not read a file that no trace is as large as', async () => {
    const file = path.join(folder, 't');
    writeFileSync(file, '');
    truncateSync(file, 100 * 1024 * 1024);
    await assert.rejects(readTrace(file), /a trace may have up to 64 MB/);
  });
});
