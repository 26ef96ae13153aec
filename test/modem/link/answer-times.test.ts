import assert from 'node:assert/strict';

import { rawCommand } from '../../../src/modem/link/raw-command';

describe('The time limit of a command from a user', () => {
  it('is that of its manual, if it queries the network', () => {
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

  it('is the one that the user has set', () => {
    assert.equal(rawCommand('AT+COPS=?', 1000).timeout, 1000);
    assert.equal(rawCommand('AT+CSQ', 60_000).timeout, 60_000);
  });
});
