import assert from 'node:assert/strict';

import {
  CROWD,
  fixedHex,
  FULL_LENGTH,
  LONG_HEX,
  promptIn,
  readHeaderIn,
  unitOf,
} from '../../../src/qfwd/calibration/probes';
import { MAX_LENGTH, send } from '../../../src/qfwd/commands';
import {
  ALL_BYTES,
  CTRL_Z,
  DOUBLES,
  EDGES,
  endingWith,
  ESC,
  LINE_ENDS,
  startingWith,
  VARIABLE_BYTES,
  VARIABLE_DOUBLES,
} from '../../../src/sockets';

const XON = 0x11;
const XOFF = 0x13;

/** Everything that is written after a prompt, to find out what a firmware does with it. */
const BODIES = [
  ...[VARIABLE_BYTES, VARIABLE_DOUBLES, LINE_ENDS, ...EDGES, FULL_LENGTH].map((bytes) =>
    send(7, { bytes, format: 'raw', form: 'variable' }),
  ),
  ...[
    startingWith(0x0d),
    startingWith(CTRL_Z),
    startingWith(ESC),
    endingWith(CTRL_Z),
    endingWith(ESC),
    ALL_BYTES,
    DOUBLES,
    CROWD,
  ].map((bytes) => send(7, { bytes, format: 'raw', form: 'fixed' })),
  ...[Buffer.from('1'), ALL_BYTES, LONG_HEX].map((bytes) =>
    send(7, { bytes, format: 'hex', form: 'variable' }),
  ),
  fixedHex(7),
].map(({ body }) => body!);

describe('Probes', () => {
  it('contain nothing that is a command with an effect, wherever the command line begins', () => {
    // AT begins a command line, A/ repeats the last one, +++ leaves a data mode.
    for (const body of BODIES) assert.doesNotMatch(body.toString('latin1'), /at|a\/|\+\+\+/i);
  });

  it('contain only control characters and blanks after what may end a body of fixed length', () => {
    for (const bytes of [
      startingWith(CTRL_Z),
      startingWith(ESC),
      endingWith(CTRL_Z),
      endingWith(ESC),
      ALL_BYTES,
      DOUBLES,
      CROWD,
    ]) {
      const end = bytes.findIndex((byte) => byte === CTRL_Z || byte === ESC);
      assert.ok(end >= 0);
      assert.ok(bytes.subarray(end).every((byte) => byte <= 0x20));
    }
  });

  it('end XOFF by XON', () => {
    for (const body of BODIES) assert.ok(body.lastIndexOf(XON) >= body.lastIndexOf(XOFF));
  });

  it('contain every byte value that the form can transfer', () => {
    assert.equal(new Set(ALL_BYTES).size, 256);
    assert.equal(new Set(VARIABLE_BYTES).size, 254);
    for (const bytes of [VARIABLE_BYTES, VARIABLE_DOUBLES, LINE_ENDS, ...EDGES])
      assert.ok(!bytes.includes(CTRL_Z) && !bytes.includes(ESC));
    assert.deepEqual([CROWD.length, FULL_LENGTH.length], [MAX_LENGTH, MAX_LENGTH]);
    assert.ok(2 * LONG_HEX.length > MAX_LENGTH && LONG_HEX.length < MAX_LENGTH);
  });

  it('show the form of the prompt', () => {
    const answer = '\r\n+QFWDSEND: 7,1\r\n\r\nOK\r\n';
    assert.equal(promptIn(`\r\n> ${answer}`, 7), 'blank');
    assert.equal(promptIn(`\r\n>${answer}`, 7), 'bare');
    assert.equal(promptIn(`\r\n>\r\n${answer}`, 7), 'line');
    assert.equal(promptIn(`\r\n+CREG: 1\r\n\r\n> ${answer}`, 7), 'blank');
    assert.equal(promptIn(`\r\n> echo${answer}`, 7), undefined);
    assert.equal(promptIn('', 7), undefined);
    assert.equal(promptIn(`\r\n>\r\n+QFWDSEND: 8,1\r\n\r\nOK\r\n\r\n> ${answer}`, 7), 'blank');
  });

  it('show the header of a read that has returned data', () => {
    assert.equal(
      readHeaderIn('\r\n+QFWDRECV: 7,0\r\n\r\nOK\r\n\r\n+QFWDPRECV: 7,1\r\n1\r\n', 7),
      'QFWDPRECV',
    );
    assert.equal(readHeaderIn('\r\n+QFWDACK: 7,12\r\n', 7), 'QFWDACK');
    assert.equal(readHeaderIn('\r\n+QFWDACK: 7,1,2,3,4,5,6\r\n', 7), undefined);
  });

  it('show the unit of a count', () => {
    assert.deepEqual([unitOf(4, 4, 8), unitOf(8, 4, 8), unitOf(5, 4, 8)], ['bytes', 'digits', undefined]);
  });
});
