import assert from 'node:assert/strict';

import { rawCommand } from '../../../src/modem/link/raw-command';

describe('The time that a command may take', () => {
  it('is what its manual says, for those that ask the network', () => {
    for (const [text, seconds] of [
      ['AT+COPS=?', 180],
      ['at + cops=0', 180],
      ['AT+QIACT=1', 150],
      ['AT+QIDEACT=1', 40],
      ['AT+CFUN=1', 15],
      ['AT+CGATT=1', 140],
    ] as const)
      assert.equal(rawCommand(text).timeout, seconds * 1000, text);
  });

  it('is the usual one for all others', () => {
    for (const text of ['AT', 'AT+CSQ', 'AT+QFWDSEVER?', 'AT+COPSX=?', 'AT$QCRMCALL=1,1'])
      assert.equal(rawCommand(text).timeout, undefined, text);
  });

  it('is what the user says, where he does', () => {
    assert.equal(rawCommand('AT+COPS=?', 1000).timeout, 1000);
    assert.equal(rawCommand('AT+CSQ', 60_000).timeout, 60_000);
  });
});
