import assert from 'node:assert/strict';
import fc from 'fast-check';

import { TraceMasker, type MaskerOptions } from '../../src/trace/masker';

type Said = readonly [dir: 'out' | 'in', data: string];

/** All of the dialogue as it may be shown, in pieces of a direction. */
function shown(dialogue: readonly Said[], options?: MaskerOptions, cut: readonly number[] = []): Said[] {
  const masker = new TraceMasker(options);
  const parts = dialogue.flatMap(([dir, data]) => {
    const bytes = Buffer.from(data, 'latin1');
    const ends = [...cut.map((end) => end % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
    return ends.flatMap((end, at) => masker.feed(dir, bytes.subarray(ends[at - 1] ?? 0, end)));
  });
  const joined: [dir: 'out' | 'in', data: string][] = [];
  for (const { dir, data } of [...parts, ...masker.end()]) {
    const last = joined.at(-1);
    if (last?.[0] === dir) last[1] += data;
    else joined.push([dir, data]);
  }
  return joined;
}

const READ: Said[] = [
  ['out', 'AT+QFWDRECV=3,1024\r'],
  ['in', '\r\n+QFWDRECV: 3,9\r\n\r\nOK\r\nabc\r\n\r\nOK\r\n'],
];
const SEND: Said[] = [
  ['out', 'AT+QFWDSEND=3,0\r'],
  ['in', '\r\n> '],
  ['out', 'AT+CPIN=1\r\x1a'],
  ['in', '\r\n+QFWDSEND: 3,10\r\n\r\nOK\r\n'],
];
const FIXED: Said[] = [
  ['out', 'AT+QFWDSEND=3,0,5\r'],
  ['in', '\r\n>\r\n'],
  ['out', 'a\x1abc\x1a'],
  ['in', 'a\x1abc\x1a\r\n+QFWDSEND: 3,5\r\n\r\nOK\r\n'],
  ['out', 'AT\r'],
  ['in', '\r\nOK\r\n'],
];

const HEX: Said[] = [
  ['out', 'AT+QISENDEX=0,"3132"\r'],
  ['in', 'AT+QISENDEX=0,"3132"\r\r\nSEND OK\r\n'],
];

const INLINE_DATAGRAMS: Said[] = [
  ['out', 'AT+QIRD=0;+QIRD=0\r'],
  ['in', '\r\n+QIRD: 3,"192.0.2.1",7,abc\r\n+QIRD: 2,"192.0.2.1",7,de\r\n\r\nOK\r\n'],
  ['out', 'AT+QIRD=11,1500;+QIRD=0\r'],
  ['in', '\r\n+QIRD: 5,a\r\nOK\r\n+QIRD: 2,"192.0.2.1",7,de\r\n\r\nOK\r\n'],
];

const INLINE_READS: Said[] = [
  ['out', 'AT+QIRD=11,1500;+QIRD=11,1500\r'],
  ['in', '\r\n+QIRD: 5,a\r\nOK\r\n+QIRD: 2,bc\r\n\r\nOK\r\n'],
  ['out', 'AT+QIRD=0\r'],
  ['in', '\r\n+QIRD: 3,"192.0.2.1",7,abc\r\n\r\nOK\r\n'],
  ['out', 'AT+QIRD=11,0\r'],
  ['in', '\r\n+QIRD: 7,5,2\r\n\r\nOK\r\n'],
];

describe('TraceMasker', () => {
  const cases: [what: string, dialogue: Said[], expected: string[]][] = [
    ['a read', READ, ['AT+QFWDRECV=3,1024\r', '\r\n+QFWDRECV: 3,9\r\nxxxxxxxxx\r\n\r\nOK\r\n']],
    [
      'reads with data on the line of the header',
      INLINE_READS,
      [
        'AT+QIRD=11,1500;+QIRD=11,1500\r',
        '\r\n+QIRD: 5,xxxxx\r\n+QIRD: 2,xx\r\n\r\nOK\r\n',
        'AT+QIRD=0\r',
        '\r\n+QIRD: 3,"192.0.2.1",7,xxx\r\n\r\nOK\r\n',
        'AT+QIRD=11,0\r',
        '\r\n+QIRD: 7,5,2\r\n\r\nOK\r\n',
      ],
    ],
    [
      'datagrams on the lines of their headers, also where several reads share a command line',
      INLINE_DATAGRAMS,
      [
        'AT+QIRD=0;+QIRD=0\r',
        '\r\n+QIRD: 3,"192.0.2.1",7,xxx\r\n+QIRD: 2,"192.0.2.1",7,xx\r\n\r\nOK\r\n',
        'AT+QIRD=11,1500;+QIRD=0\r',
        '\r\n+QIRD: 5,xxxxx\r\n+QIRD: 2,"192.0.2.1",7,xx\r\n\r\nOK\r\n',
      ],
    ],
    [
      'a send that Ctrl-Z ends',
      SEND,
      ['AT+QFWDSEND=3,0\r', '\r\n> ', 'xxxxxxxxxx\x1a', '\r\n+QFWDSEND: 3,10\r\n\r\nOK\r\n'],
    ],
    [
      'a prompt that is followed by a URC at once',
      [
        ['out', 'AT+QFWDSEND=3,0\r'],
        ['in', '\r\n> \r\n+QFWDURC: "client/read",3\r\n'],
        ['out', 'AT+CPIN=1\x1a'],
      ],
      ['AT+QFWDSEND=3,0\r', '\r\n> \r\n+QFWDURC: "client/read",3\r\n', 'xxxxxxxxx\x1a'],
    ],
    [
      'a send of a stated length, with its echo',
      FIXED,
      [
        'AT+QFWDSEND=3,0,5\r',
        '\r\n>\r\n',
        'xxxxx',
        'xxxxx\r\n+QFWDSEND: 3,5\r\n\r\nOK\r\n',
        'AT\r',
        '\r\nOK\r\n',
      ],
    ],
    [
      'payload in a command, and its echo',
      HEX,
      ['AT+QISENDEX=0,"xxxx"\r', 'AT+QISENDEX=0,"xxxx"\r\r\nSEND OK\r\n'],
    ],
    [
      'figures, which are no payload',
      [
        ['out', 'AT+QIRD=1,0\r'],
        ['in', '\r\n+QIRD: 3615,3530,85\r\n\r\nOK\r\n'],
      ],
      ['AT+QIRD=1,0\r', '\r\n+QIRD: 3615,3530,85\r\n\r\nOK\r\n'],
    ],
    [
      'a PIN and an IMEI',
      [
        ['out', 'AT+CPIN=1234\r'],
        ['in', '\r\nOK\r\n'],
        ['out', 'AT+CGSN\r'],
        ['in', '\r\n861107030000017\r\n\r\nOK\r\n'],
      ],
      ['AT+CPIN=xxxx\r', '\r\nOK\r\n', 'AT+CGSN\r', '\r\n000000000000017\r\n\r\nOK\r\n'],
    ],
    [
      'the text of a short message',
      [['in', '\r\n+CMT: "+49170","",""\r\nAT your house\r\n\r\nRDY\r\n']],
      ['\r\n+CMT:xxxx\r\nxxxxxxxxxxxxx\r\n\r\nRDY\r\n'],
    ],
    ['a wake-up', [['out', '\x1b\rAT\r']], ['\x1b\rAT\r']],
    ['a line without an end', [['in', '\r\n+QFWD']], ['\r\nxxxxx']],
  ];
  for (const [what, dialogue, expected] of cases) {
    it(`shows ${what} without secrets and payload`, () => {
      assert.deepEqual(
        shown(dialogue).map(([, data]) => data),
        expected,
      );
    });
  }

  it('shows other addresses instead of those of networks and peers, the same ones for the same ones', () => {
    const dialogue: Said[] = [
      ['out', 'AT+QIOPEN=1,0,"TCP","84.17.3.9",80,0,0\r'],
      ['in', '\r\n+CGPADDR: 1,"10.81.44.7","2a01:5ec:1::7"\r\n\r\nOK\r\n'],
      ['out', 'AT+QIRD=0\r'],
      ['in', '\r\n+QIRD: 2,"84.17.3.9",80\r\nab\r\n\r\nOK\r\n'],
      ['out', 'AT+QFWDCLIENT=0,2,"IP","tcp","127.0.0.1",80\r'],
      ['in', '\r\n+QFWDURC: "client/incoming",1,2,"10.81.44.7",5000,"0.0.0.0",80\r\n'],
      ['in', '\r\n+CCLK: "26/11/28,18:49:21+04"\r\n'],
    ];
    assert.deepEqual(
      shown(dialogue).map(([, data]) => data),
      [
        'AT+QIOPEN=1,0,"TCP","192.0.2.1",80,0,0\r',
        '\r\n+CGPADDR: 1,"192.0.2.2","2001:db8::3"\r\n\r\nOK\r\n',
        'AT+QIRD=0\r',
        '\r\n+QIRD: 2,"192.0.2.1",80\r\nxx\r\n\r\nOK\r\n',
        'AT+QFWDCLIENT=0,2,"IP","tcp","127.0.0.1",80\r',
        '\r\n+QFWDURC: "client/incoming",1,2,"192.0.2.2",5000,"0.0.0.0",80\r\n' +
          '\r\n+CCLK: "26/11/28,18:49:21+04"\r\n',
      ],
    );
  });

  it('shows the version of the firmware, which is not an address', () => {
    const said = '\r\n+QGMR: EG25GGBR07A08M2G_30.203.30.203\r\n';
    assert.deepEqual(shown([['in', said]]), [['in', said]]);
  });

  it('hides a secret command, and its answer', () => {
    const secrets = new Set(['AT+CGDCONT=1,"IP","private"']);
    const dialogue: Said[] = [
      ['out', 'AT+CGDCONT=1,"IP","private"\r'],
      ['in', 'AT+CGDCONT=1,"IP","private"\r\r\n+CGDCONT: private\r\n\r\nOK\r\n'],
    ];
    assert.doesNotMatch(JSON.stringify(shown(dialogue, { secrets })), /private/);
  });

  it('keeps payload if asked to', () => {
    for (const dialogue of [READ, SEND, FIXED, HEX])
      assert.deepEqual(shown(dialogue, { keepsPayload: true }), dialogue);
  });

  it('shows the same wherever chunks end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { maxLength: 6 }),
        fc.constantFrom(READ, SEND, FIXED),
        (cut, dialogue) => {
          assert.deepEqual(shown(dialogue, {}, cut), shown(dialogue));
        },
      ),
    );
  });

  it('never shows bytes of a block or a body', () => {
    const payload = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
    const secret = fc.constantFrom('S3CRET', '\r\nOK\r\nS3CRET\r\n', '> S3CRET', 'AT+CGMM\rS3CRET');
    fc.assert(
      fc.property(payload, secret, fc.array(fc.nat(), { maxLength: 4 }), (before, text, cut) => {
        const data = before + text;
        const dialogue: Said[] = [
          ['out', `AT+QFWDRECV=3,1024\r`],
          ['in', `\r\n+QFWDRECV: 3,${data.length}\r\n${data}\r\n\r\nOK\r\n`],
          ['out', `AT+QFWDSEND=3,0,${data.length}\r`],
          ['in', '\r\n> '],
          ['out', data],
          ['in', `\r\n+QFWDSEND: 3,${data.length}\r\n\r\nOK\r\n`],
        ];
        assert.doesNotMatch(JSON.stringify(shown(dialogue, {}, cut)), /S3CRET/);
      }),
    );
  });
});
