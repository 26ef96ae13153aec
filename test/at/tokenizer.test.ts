import assert from 'node:assert/strict';
import fc from 'fast-check';

import { MAX_LINE_BYTES, type Token } from '../../src/at/scanner';
import { Tokenizer } from '../../src/at/tokenizer';
import { inChunks } from '../support/payloads';
import { countedHeader, oneLineBody, PLAIN_HEADER, said, smsBody } from '../support/sms';

const isUnsolicited = (line: string) => line.startsWith('+QFWDURC:');

/** What a module sends before the line is quiet. */
function tokensOf(text: string, cuts: readonly number[] = []): Token[] {
  const tokenizer = new Tokenizer(isUnsolicited);
  const tokens: Token[] = [];
  for (const chunk of inChunks(Buffer.from(text), cuts)) {
    tokenizer.feed(chunk);
    for (let token = tokenizer.next({ prompt: true }); token; token = tokenizer.next({ prompt: true }))
      tokens.push(token);
  }
  const last = tokenizer.endText();
  return last ? [...tokens, last] : tokens;
}

/** Only the lines; those marked with `?` may contain more than a text. */
function linesOf(text: string, cuts?: readonly number[]): string[] {
  return tokensOf(text, cuts).map((token) => {
    assert.ok(token.type === 'line', token.type);
    return token.isOpenEnded ? `? ${token.text}` : token.text;
  });
}

const unified = (body: string) => body.replace(/\r\n?/g, '\n').trimEnd();
const withBody = (header: string, body: string) => (unified(body) ? `${header}\n${unified(body)}` : header);
const cuts = fc.array(fc.nat(), { maxLength: 20 });

describe('A text after a header', () => {
  it('of known length is returned with its header, and the next line separately', () => {
    fc.assert(
      fc.property(smsBody, cuts, (body, cuts) => {
        const header = countedHeader(body.length);
        assert.deepEqual(linesOf(`${said(header, body)}\r\nRDY\r\n`, cuts), [withBody(header, body), 'RDY']);
      }),
      { numRuns: 500 },
    );
  });

  it('of unknown length is returned with its header, and perhaps with the lines behind it', () => {
    fc.assert(
      fc.property(smsBody, cuts, (body, cuts) => {
        const [first = '', ...more] = linesOf(`${said(PLAIN_HEADER, body)}\r\nRDY\r\n`, cuts);
        assert.deepEqual(more, []);
        assert.equal(first, `? ${withBody(PLAIN_HEADER, `${body}\r\n\r\nRDY`)}`);
      }),
      { numRuns: 500 },
    );
  });

  it('of one line is not marked as open-ended', () => {
    fc.assert(
      fc.property(oneLineBody, cuts, (body, cuts) => {
        fc.pre(!body.startsWith('+CM'));
        assert.deepEqual(linesOf(said(PLAIN_HEADER, body), cuts), [withBody(PLAIN_HEADER, body)]);
      }),
    );
  });

  it('is never returned as lines of their own, whatever its header says', () => {
    // Used only if it matches the end of a line of the text.
    const length = fc.integer({ min: 0, max: PLAIN_HEADER.length });
    fc.assert(
      fc.property(smsBody, smsBody, length, cuts, (one, other, extra, cuts) => {
        const text = said(countedHeader(one.length + extra), one) + said(PLAIN_HEADER, other);
        for (const line of linesOf(text, cuts)) assert.match(line, /^(\? )?\+CMT: "\+49170"/);
      }),
      { numRuns: 500 },
    );
  });

  it('is expected after these headers, in this form', () => {
    const scts = '"26/11/28,10:00:00+04"';
    const pdu = '07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07';
    const details = '145,4,0,0,"+49171",145';
    const cases: [said: string, lines: string[]][] = [
      // A PDU
      [`+CMT: ,34\r\n${pdu}`, [`+CMT: ,34\n${pdu}`, 'RDY']],
      [`+CMT: "Joe",34\r\n${pdu}`, [`+CMT: "Joe",34\n${pdu}`, 'RDY']],
      [`+CMT: 34\r\n${pdu}`, [`+CMT: 34\n${pdu}`, 'RDY']],
      [`+CBM: 88\r\n${pdu}`, [`+CBM: 88\n${pdu}`, 'RDY']],
      [`+CDS: 25\r\n${pdu}`, [`+CDS: 25\n${pdu}`, 'RDY']],
      [`+CMGR: 1,,34\r\n${pdu}`, [`+CMGR: 1,,34\n${pdu}`, 'RDY']],
      [`+CMGL: 3,1,,34\r\n${pdu}`, [`+CMGL: 3,1,,34\n${pdu}`, 'RDY']],
      // A length
      [
        `+CMGR: "REC READ","+49170",,${scts},${details},2\r\nOK`,
        [`+CMGR: "REC READ","+49170",,${scts},${details},2\nOK`, 'RDY'],
      ],
      [
        `+CMGR: "STO UNSENT","+49170",,145,17,0,0,167,"+49171",145,2\r\nOK`,
        ['+CMGR: "STO UNSENT","+49170",,145,17,0,0,167,"+49171",145,2\nOK', 'RDY'],
      ],
      [
        `+CMGL: 1,"REC READ","+49170",,${scts},145,2\r\nOK`,
        [`+CMGL: 1,"REC READ","+49170",,${scts},145,2\nOK`, 'RDY'],
      ],
      // Characters, each encoded as several digits
      [`${countedHeader(2)}\r\n004F004B`, [`${countedHeader(2)}\n004F004B`, 'RDY']],
      [`${countedHeader(2)}\r\nÄÖ`, [`${countedHeader(2)}\nÄÖ`, 'RDY']],
      [countedHeader(0), [countedHeader(0), 'RDY']],
      [`${countedHeader(0)}\r\n`, [countedHeader(0), 'RDY']],
      // No text
      [`+CDS: 6,11,"+49170",145,${scts},${scts},0`, [`+CDS: 6,11,"+49170",145,${scts},${scts},0`, 'RDY']],
      ['+CMTI: "ME",3', ['+CMTI: "ME",3', 'RDY']],
      ['+CMGL: ("REC UNREAD","ALL")', ['+CMGL: ("REC UNREAD","ALL")', 'RDY']],
      ['+CMGL: (0-4)', ['+CMGL: (0-4)', 'RDY']],
    ];
    for (const [text, lines] of cases) assert.deepEqual(linesOf(`\r\n${text}\r\n\r\nRDY\r\n`), lines);
    const undecided = [
      '+CMGR: "REC READ","+49170",,"26"',
      '+CBM: 1,50,1,1,1',
      '^HCMT: +49170,2026,11,28,1,1,1,1,1,2',
    ];
    for (const header of [
      ...undecided,
      '+QCMGR: "REC READ","+49170",,"26",120,1,2',
      '+CMGL: 1,"REC READ","1",,"26"',
    ])
      assert.deepEqual(linesOf(`\r\n${header}\r\nOK\r\n\r\nRDY\r\n`), [`? ${header}\nOK\n\nRDY`]);
  });

  it('is no PDU if its line cannot be one', () => {
    assert.deepEqual(linesOf('\r\n+CMT: ,34\r\n\r\nOK\r\n'), ['+CMT: ,34', 'OK']);
    assert.deepEqual(linesOf('\r\n+CMT: ,34\r\nOK\r\n\r\nRDY\r\n'), ['+CMT: ,34', 'OK', 'RDY']);
    assert.deepEqual(linesOf('+CMT: ,34\r\n+CMT: ,3\r\n0791\r\nOK\r\n'), [
      '+CMT: ,34',
      '+CMT: ,3\n0791',
      'OK',
    ]);
  });

  it('may be a string with line breaks, which is returned as one line', () => {
    const menu = '+CUSD: 1,"Menu\r\n1. x\r\nOK\r\n",15';
    for (let at = 0; at <= menu.length; at++) {
      assert.deepEqual(linesOf(`\r\n${menu}\r\n\r\nOK\r\n`, [at]), ['+CUSD: 1,"Menu\n1. x\nOK\n",15', 'OK']);
    }
    assert.deepEqual(linesOf('+CUSD: 0,"say "OK" now\r\nRDY",15\r\nOK\r\n'), [
      '+CUSD: 0,"say "OK" now\nRDY",15',
      'OK',
    ]);
  });

  it('is taken for a text of unknown length if its string seems to end within a line', () => {
    for (const menu of [
      '+CUSD: 1,"x",15 and\r\nOK\r\n",15',
      '+CUSD: 1,"a\r\nb","c\r\nRDY",15',
      '+CNAP: "a","b\r\nOK\r\nRDY",0',
    ]) {
      const [header = '', ...lines] = menu.split('\r\n');
      assert.deepEqual(linesOf(`\r\n${menu}\r\n`), [`? ${[header, ...lines].join('\n')}`]);
    }
  });

  it('ends with its string', () => {
    const text = fc.stringMatching(/^[^"\p{Cc}]{0,20}$/u);
    const parameter = fc.oneof(
      text.map((it) => `"${it}"`),
      fc.stringMatching(/^[0-9A-F-]{0,5}$/),
      fc
        .array(text, { minLength: 1, maxLength: 3 })
        .map((all) => `(${all.map((it) => `"${it}"`).join(',')})`),
      fc.constantFrom('"5" screen"', '"a"/"b"', '"" ', ' "x"'),
    );
    fc.assert(
      fc.property(fc.array(parameter, { minLength: 1, maxLength: 6 }), (parameters) => {
        const line = `+X: ${parameters.join(',')}`.trim();
        assert.deepEqual(linesOf(`\r\n${line}\r\n\r\nOK\r\n`), [line, 'OK']);
      }),
    );
  });

  it('is not searched for in a line that has no name, or whose strings have no line breaks', () => {
    for (const line of ['say "hello', '"', 'AT+X="', '+QFWDURC: "client/read,7'])
      assert.deepEqual(linesOf(`\r\n${line}\r\nRDY\r\n`), [line, 'RDY']);
  });

  it('ends at a maximum length', () => {
    const line = `${'x'.repeat(99)}\r\n`;
    for (const [start, longest] of [
      [PLAIN_HEADER, 400],
      ['+CUSD: 1,"', MAX_LINE_BYTES + 200],
      [countedHeader(9999), 10_200],
    ] as const) {
      const [first = '', next] = linesOf(`${start}\r\n${line.repeat(200)}`);
      assert.ok(first.length < start.length + longest, `${first.length}`);
      assert.equal(next, line.trim());
    }
  });

  it('in a list without lengths is returned with all messages', () => {
    const list = Array.from(
      { length: 255 },
      (_, index) => `+CMGL: ${index},"REC READ","+49170",,"26/11/28"\r\n${'x'.repeat(70)}\r\nOK\r\n`,
    ).join('');
    assert.deepEqual(linesOf(`\r\n${list}\r\nOK\r\n`), [`? ${unified(list)}\n\nOK`]);
  });

  it('without an end takes no more memory than a list of messages', () => {
    const tokenizer = new Tokenizer(isUnsolicited);
    tokenizer.feed(Buffer.from('+CMGL: 1,"REC READ","+49170",,"26/11/28"\r\n'));
    let kept = 0;
    for (let fed = 0; fed < 1000; fed++) {
      tokenizer.feed(Buffer.from('+CMGL: 1,"REC READ","+49170",,"26/11/28"\r\n'.repeat(100)));
      for (let token = tokenizer.next({}); token; token = tokenizer.next({}))
        kept = Math.max(kept, token.type === 'line' ? token.text.length : 0);
    }
    assert.ok(kept > 200_000 && kept < 300_000, `${kept}`);
  });

  it('is discarded by drop()', () => {
    const tokenizer = new Tokenizer(isUnsolicited);
    tokenizer.feed(Buffer.from(`${PLAIN_HEADER}\r\nhalf`));
    assert.equal(tokenizer.next({}), undefined);
    assert.deepEqual([tokenizer.isTextOpen, tokenizer.isMidLine], [true, true]);
    tokenizer.drop();
    assert.deepEqual([tokenizer.isTextOpen, tokenizer.isMidLine], [false, false]);
    assert.equal(tokenizer.endText(), undefined);
    tokenizer.feed(Buffer.from('OK\r\n'));
    assert.deepEqual(tokenizer.next({}), { type: 'line', text: 'OK' });
  });

  it('may end after a whole line, which isMidLine shows', () => {
    const tokenizer = new Tokenizer(isUnsolicited);
    const after = (text: string): boolean => {
      tokenizer.feed(Buffer.from(text));
      assert.equal(tokenizer.next({}), undefined);
      return tokenizer.isMidLine;
    };
    assert.deepEqual([`${PLAIN_HEADER}\r\n`, 'half', ' a line\r', '\n', 'more', '\r\n'].map(after), [
      true,
      true,
      false,
      false,
      true,
      false,
    ]);
  });
});
