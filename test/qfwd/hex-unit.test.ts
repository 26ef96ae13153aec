import assert from 'node:assert/strict';
import { type Piece } from '../../src/qfwd/commands';
import { bytesTaken, oneByteProbe, unitAfter } from '../../src/qfwd/hex-unit';

const hex: Piece = { bytes: Buffer.from('1234'), format: 'hex', form: 'variable' };
const raw: Piece = { ...hex, format: 'raw' };

describe('The accepted length of a payload in HEX', () => {
  it('is detected with one byte, which cannot be accepted by half', () => {
    assert.deepEqual(oneByteProbe(hex, undefined), { ...hex, bytes: Buffer.from('1') });
    assert.equal(unitAfter(oneByteProbe(hex, undefined), 1, undefined), 'bytes');
    assert.equal(unitAfter(oneByteProbe(hex, undefined), 2, undefined), 'digits');
  });

  it('needs no oneByteProbe if the unit is known, or if the format is not HEX', () => {
    assert.equal(oneByteProbe(hex, 'digits'), hex);
    assert.equal(oneByteProbe(raw, undefined), raw);
    assert.equal(unitAfter(raw, 4, undefined), undefined);
  });

  it('is half of what is counted in digits', () => {
    assert.equal(bytesTaken(hex, 6, 'digits'), 3);
    assert.equal(bytesTaken(hex, 3, 'bytes'), 3);
    assert.equal(bytesTaken(raw, 3, 'digits'), 3);
  });

  it('may be as many digits as the piece has bytes', () => {
    assert.equal(unitAfter(hex, 4, 'digits'), 'digits');
    assert.equal(bytesTaken(hex, 4, 'digits'), 2);
  });

  it('corrects an earlier assumption, and is never more than was sent', () => {
    assert.equal(unitAfter(hex, 8, 'bytes'), 'digits');
    assert.equal(bytesTaken(hex, 9, 'bytes'), 4);
  });
});
