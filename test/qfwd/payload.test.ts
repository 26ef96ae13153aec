import assert from 'node:assert/strict';
import fc from 'fast-check';

import { MAX_LENGTH, type Piece, send } from '../../src/qfwd/commands';
import { datagramPiece, nextPiece, type Proof } from '../../src/qfwd/payload';
import { type PayloadMode } from '../../src/sockets';
import { MAX_HEX_LENGTH } from '../../src/qfwd/payload';
import { hostilePayload } from '../support/payloads';

const modes = fc.constantFrom<PayloadMode>('auto', 'raw', 'hex');
const payloads = fc.oneof(
  hostilePayload({ minLength: 1 }),
  fc.uint8Array({ minLength: 1, maxLength: 5000 }).map((bytes) => Buffer.from(bytes)),
  // Long runs that need no HEX, with few bytes that do.
  fc
    .tuple(
      fc.integer({ min: 1, max: 5000 }),
      fc.array(fc.tuple(fc.nat(4999), fc.constantFrom(0x1a, 0x1b)), { maxLength: 6 }),
    )
    .map(([length, evil]) => {
      const data = Buffer.alloc(length, 'text\r\n');
      for (const [at, byte] of evil) data[at % length] = byte;
      return data;
    }),
);

function pieces(data: Buffer, mode: PayloadMode): Piece[] {
  const all: Piece[] = [];
  for (let offset = 0; offset < data.length;) {
    const piece = nextPiece(data.subarray(offset), mode);
    assert.ok(piece.bytes.length > 0, 'no piece is empty');
    all.push(piece);
    offset += piece.bytes.length;
  }
  return all;
}

/** Whether a firmware that looks at nothing but bytes stays in the data phase to the end of the body. */
function checkBody(piece: Piece, mode: PayloadMode): void {
  const { text, body } = send(7, piece);
  assert.ok(body);
  if (mode === 'raw') {
    assert.equal(text, `AT+QFWDSEND=7,0,${piece.bytes.length}`);
    assert.deepEqual(body, piece.bytes);
    return;
  }
  assert.equal(text, `AT+QFWDSEND=7,${piece.format === 'hex' ? 1 : 0}`);
  assert.equal(
    body.findIndex((byte) => byte === 0x1a || byte === 0x1b),
    body.length - 1,
  );
  assert.equal(body.at(-1), 0x1a);
  const data = body.subarray(0, -1);
  if (mode === 'hex') assert.equal(piece.format, 'hex');
  if (piece.format === 'raw') return assert.deepEqual(data, piece.bytes);
  assert.match(data.toString('latin1'), /^([0-9A-F]{2})*$/);
  assert.deepEqual(Buffer.from(data.toString('latin1'), 'hex'), piece.bytes);
}

describe('A payload', () => {
  it('is received unchanged, in pieces that fit into a command and do not end the data phase', () => {
    fc.assert(
      fc.property(payloads, modes, (data, mode) => {
        const all = pieces(data, mode);
        assert.ok(Buffer.concat(all.map(({ bytes }) => bytes)).equals(data));
        for (const piece of all) {
          assert.ok(piece.bytes.length <= (piece.format === 'hex' ? MAX_HEX_LENGTH : MAX_LENGTH));
          checkBody(piece, mode);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is divided into as few pieces as possible if nothing in it is special', () => {
    assert.deepEqual(
      pieces(Buffer.alloc(2500), 'auto').map(({ bytes }) => bytes.length),
      [1024, 1024, 452],
    );
    assert.deepEqual(
      pieces(Buffer.alloc(2048), 'raw').map(({ bytes }) => bytes.length),
      [1024, 1024],
    );
    assert.deepEqual(
      pieces(Buffer.alloc(1025), 'hex').map(({ bytes }) => bytes.length),
      [512, 512, 1],
    );
  });

  it('is sent as HEX only where that is necessary', () => {
    const data = Buffer.alloc(1500, 'x');
    data[700] = 0x1b;
    assert.deepEqual(
      pieces(data, 'auto').map(({ format, bytes }) => [format, bytes.length]),
      [
        ['raw', 700],
        ['hex', 512],
        ['raw', 288],
      ],
    );
  });

  it('uses no command of its own for a short run between bytes that need HEX', () => {
    const data = Buffer.alloc(600, 'x');
    data[100] = 0x1a;
    assert.deepEqual(
      pieces(data, 'auto').map(({ format, bytes }) => [format, bytes.length]),
      [
        ['hex', 512],
        ['raw', 88],
      ],
    );
  });

  it('is never divided if it is a datagram', () => {
    fc.assert(
      fc.property(payloads, modes, (datagram, mode) => {
        const piece = datagramPiece(datagram, mode);
        if (datagram.length > MAX_LENGTH) return assert.equal(piece, undefined);
        assert.ok(piece);
        assert.ok(piece.bytes.equals(datagram));
        checkBody(piece, mode);
      }),
    );
    assert.equal(datagramPiece(Buffer.alloc(MAX_LENGTH), 'auto')?.bytes.length, MAX_LENGTH);
    assert.equal(datagramPiece(Buffer.alloc(MAX_LENGTH + 1), 'auto'), undefined);
  });

  it('may be an empty datagram', () => {
    for (const mode of ['auto', 'raw', 'hex'] as const)
      assert.equal(datagramPiece(Buffer.alloc(0), mode)?.bytes.length, 0);
  });

  describe('with measured firmware', () => {
    const forms = (data: Buffer, proof: Proof): unknown[] => {
      const all: unknown[] = [];
      for (let offset = 0; offset < data.length;) {
        const { bytes, format, form } = nextPiece(data.subarray(offset), 'auto', proof);
        all.push([format, form, bytes.length]);
        offset += bytes.length;
      }
      return all;
    };
    const binary = Buffer.alloc(1500, '\x00\x1a\xff');

    it('is sent raw in fixed length if that is transparent', () => {
      assert.deepEqual(forms(binary, { fixed: 'transparent' }), [
        ['raw', 'fixed', 1024],
        ['raw', 'fixed', 476],
      ]);
      assert.deepEqual(datagramPiece(binary.subarray(0, 9), 'auto', { fixed: 'transparent' })?.form, 'fixed');
    });

    it('is sent in variable length, which can be canceled, if it does not need fixed length', () => {
      assert.deepEqual(forms(Buffer.alloc(1025), { fixed: 'transparent' }), [
        ['raw', 'variable', 1024],
        ['raw', 'variable', 1],
      ]);
    });

    it('is sent as HEX if raw is not transparent', () => {
      for (const fixed of ['ends', 'altered'] as const) {
        assert.deepEqual(forms(binary.subarray(0, 600), { fixed }), [
          ['hex', 'variable', 512],
          ['hex', 'variable', 88],
        ]);
      }
      assert.deepEqual(forms(Buffer.alloc(3), { variable: 'altered' }), [['hex', 'variable', 3]]);
    });

    it('is sent in pieces that the firmware accepts completely, except for datagrams', () => {
      assert.deepEqual(forms(Buffer.alloc(150), { perSend: 100 }), [
        ['raw', 'variable', 100],
        ['raw', 'variable', 50],
      ]);
      assert.deepEqual(forms(binary.subarray(0, 150), { perSend: 100 }), [
        ['hex', 'variable', 100],
        ['hex', 'variable', 50],
      ]);
      assert.equal(nextPiece(binary, 'auto', { perSend: 0 }).bytes.length, 1);
      assert.equal(datagramPiece(binary.subarray(0, 600), 'auto', { perSend: 100 })?.bytes.length, 600);
    });

    it('is sent as the user has set it', () => {
      assert.equal(nextPiece(binary, 'hex', { fixed: 'transparent' }).format, 'hex');
      assert.equal(nextPiece(binary, 'raw', { fixed: 'ends' }).form, 'fixed');
    });
  });
});
