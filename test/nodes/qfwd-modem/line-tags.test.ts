import assert from 'node:assert/strict';
import { LineTagger } from '../../../nodes/qfwd-modem/editor/line-tags';

/** `out` lines begin with `>`, `note` lines with `!`. */
function tags(...lines: string[]): string[] {
  const tagger = new LineTagger();
  return lines.map((line) => {
    const direction = line.startsWith('>') ? 'out' : line.startsWith('!') ? 'note' : 'in';
    const text = direction === 'in' ? line : line.slice(2);
    const { socketId, isQuery } = tagger.tag({ direction, text });
    return `${socketId ?? '-'}${isQuery ? ' query' : ''}`;
  });
}

describe('LineTagger', () => {
  it('gives a response the socket of its command', () => {
    assert.deepEqual(tags('> AT+QFWDSEND=7,5', '>', '> [5 bytes]', 'OK', '> AT+QFWDCLOSE=8', 'OK'), [
      '7',
      '7',
      '7',
      '7',
      '8',
      '8',
    ]);
  });

  it('gives a URC its own socket, also within a response', () => {
    assert.deepEqual(
      tags('> AT+QFWDRECV=7,1024', '+QFWDURC: "recv",9', '[3 bytes]', 'OK', '+QIURC: "recv",2'),
      ['7', '9', '7', '7', '2'],
    );
  });

  it('knows queries and their responses', () => {
    assert.deepEqual(
      tags(
        '> AT',
        'OK',
        '> AT+QFWDACK=7',
        '+QFWDACK: 7,1,1',
        'OK',
        '> AT+CEREG?',
        '+CEREG: 0,1',
        'OK',
        'RDY',
      ),
      ['- query', '- query', '7 query', '7 query', '7 query', '- query', '- query', '- query', '-'],
    );
    assert.deepEqual(tags('> AT+QIRD=3,0', '> AT+QIRD=3,1460', '> AT+QIOPEN=1,4,"TCP","h",1,0,0'), [
      '3 query',
      '3',
      '4',
    ]);
  });

  it('keeps ports separate, and ignores what is reported about the line itself', () => {
    assert.deepEqual(tags('> AT+QFWDSEND=7,5', '> [2] AT+QFWDRECV=9,9', '[2] OK', '! offline', 'OK'), [
      '7',
      '9',
      '9',
      '-',
      '7',
    ]);
  });
});
