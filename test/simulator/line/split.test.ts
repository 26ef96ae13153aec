import assert from 'node:assert/strict';

import { splitCommands } from '../../../src/simulator/line/split';

const split = (line: string) =>
  splitCommands(line)?.map(({ name, form, args }) => `${name} ${form} ${args}`.trim());

describe('splitting a command line', () => {
  it('tells the forms of an extended command apart', () => {
    assert.deepEqual(split('+CSQ'), ['+CSQ execute']);
    assert.deepEqual(split('+cpin?'), ['+CPIN read']);
    assert.deepEqual(split('+QFWDSEND=?'), ['+QFWDSEND test']);
    assert.deepEqual(split('+QFWDSEND= 2,1'), ['+QFWDSEND write  2,1']);
  });

  it('cuts basic commands anywhere, extended ones at a semicolon outside of quotes', () => {
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

  it('has S-registers stand as basic commands do', () => {
    assert.deepEqual(split('S5=8S3=13S4?E0S0='), [
      'S5 write 8',
      'S3 write 13',
      'S4 read',
      'E execute 0',
      'S0 write',
    ]);
  });

  it('knows what is no command', () => {
    assert.equal(split('+'), undefined);
    assert.equal(split('D*99#'), undefined);
    assert.equal(split('E0 #'), undefined);
  });
});
