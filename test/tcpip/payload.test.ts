import assert from 'node:assert/strict';

import { isNoCommand } from '../../src/tcpip/payload';

const isHarmless = (text: string) => isNoCommand(Buffer.from(text, 'latin1'));

describe('Data that a module would ignore as command lines', () => {
  it('contains neither AT nor A/ in any line', () => {
    for (const text of ['', 'hello', 'a\rt', 'A\r\rT', '\r\nOK\r\n', 'ta', '/a', '\xff\0\x1a\x1b'])
      assert.equal(isHarmless(text), true, JSON.stringify(text));
    for (const text of ['AT', 'at', 'aT+CFUN=0\r', 'what', 'A/', 'x\ra/\r'])
      assert.equal(isHarmless(text), false, JSON.stringify(text));
  });

  it('contains neither of them if the module discards the bytes that it does not take for text', () => {
    for (const text of ['A\0T', 'A\nT', 'A \x1bT', 'AX\bT', 'A\bT', 'AXY\x7f\x7fT', '\xc1\xd4', 'a\x80t'])
      assert.equal(isHarmless(text), false, JSON.stringify(text));
  });
});
