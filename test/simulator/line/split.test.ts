import assert from 'node:assert/strict';

import { splitCommands } from '../../../src/simulator/line/split';

const split = (line: string) =>
  splitCommands(line)?.map(({ name, form, args }) => `${name} ${form} ${args}`.trim());

describe('splitting a command line', () => {
  it('distinguishes the forms of an extended command', () => {
    assert.deepEqual(split('+CSQ'), ['+CSQ execute']);
    assert.deepEqual(split('+cpin?'), ['+CPIN read']);
    assert.deepEqual(split('+QFWDSEND=?'), ['+QFWDSEND test']);
    assert.deepEqual(split('+QFWDSEND= 2,1'), ['+QFWDSEND write  2,1']);
  });

  it('ends basic commands anywhere, and extended ones at a semicolon outside of quotes', () => {
    assert.deepEqual(split('E0V1&F+CMEE=2;+X="a;b";I'), [
      'E execute 0',
      'V execute 1',
      '&F execute',
      '+CMEE write 2',
      '+X write "a;b"',
      'I execute',
    ]);
    assert.deepEqual(split(''), []);
  });

  it('treats S-registers like basic commands', () => {
    assert.deepEqual(split('S5=8S3=13S4?E0S0='), [
      'S5 write 8',
      'S3 write 13',
      'S4 read',
      'E execute 0',
      'S0 write',
    ]);
  });

  it('detects what is not a command', () => {
    assert.equal(split('+'), undefined);
    assert.equal(split('D*99#'), undefined);
    assert.equal(split('E0 #'), undefined);
  });
});
