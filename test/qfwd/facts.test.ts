import assert from 'node:assert/strict';

import { isProfile } from '../../src/qfwd/facts';
import { type Profile } from '../../src/sockets';

const profile: Profile = {
  family: 'qfwd',
  firmware: 'EC25EFAR06A03M4G',
  dialect: {
    server: 'QFWDSERVER',
    state: 'QFWDSTATE',
    close: 'QFWDCLOSE',
    serverArguments: 'manual',
    read: 'QFWDRECV',
  },
  lacks: ['QFWDCFG'],
  facts: { fixed: 'transparent', roundTrip: 3 },
};

describe('A stored profile', () => {
  it('is restored unchanged', () => {
    assert.ok(isProfile(JSON.parse(JSON.stringify(profile))));
    assert.ok(isProfile({ ...profile, facts: {}, obstacle: 'no loopback' }));
  });

  for (const [what, damaged] of Object.entries<unknown>({
    'nothing at all': undefined,
    'a text': 'profile',
    'no version': { ...profile, firmware: 1 },
    'no dialect': { ...profile, dialect: null },
    'a command that could be any': { ...profile, dialect: { ...profile.dialect, close: 'CFUN' } },
    'no list of what lacks': { ...profile, lacks: 'QFWDCFG' },
    'a list of something else': { ...profile, lacks: [1] },
    'no facts': { ...profile, facts: undefined },
    'an unknown word': { ...profile, facts: { fixed: 'yes' } },
    'a word for a number': { ...profile, facts: { roundTrip: '3' } },
    'an unknown fact': { ...profile, facts: { constructor: 1 } },
    'an obstacle of another kind': { ...profile, obstacle: 1 },
  })) {
    it(`is not restored with ${what}`, () => assert.equal(isProfile(damaged), false));
  }
});
