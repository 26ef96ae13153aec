import assert from 'node:assert/strict';
import { measured } from '../../../nodes/qfwd-modem/measured';
import type { Profile } from '../../../src/modem';
import { MANUAL } from '../../../src/qfwd/dialect';

const PROFILE: Profile = {
  family: 'qfwd',
  firmware: 'EC25EFAR06A03M4G',
  dialect: MANUAL,
  lacks: [],
  facts: { fixed: 'transparent', hex: 'transparent' },
};

describe('A profile in the editor', () => {
  it('is shown as that of the current firmware, as far as it is known, or of another one', () => {
    const versions = [undefined, PROFILE.firmware, 'EC25EFAR06A04M4G'].map(
      (now) => measured(PROFILE, now).firmwareNow,
    );
    assert.deepEqual(versions, [undefined, undefined, 'EC25EFAR06A04M4G']);
  });

  it('has values with units', () => {
    const { rows } = measured({ ...PROFILE, facts: { roundTrip: 12, rate: 10_712, refused: 111 } });
    const valueOf = (item: string) => rows.find((row) => row.item === item);
    assert.deepEqual(['roundTrip', 'rate', 'refused', 'hex'].map(valueOf), [
      { item: 'roundTrip', value: '12', unit: 'ms' },
      { item: 'rate', value: '10.7 kB/s' },
      { item: 'refused', value: '111' },
      { item: 'hex', word: 'unknown' },
    ]);
  });

  it('shows how binary data is sent', () => {
    const ways = (
      [
        { fixed: 'transparent', hex: 'transparent' },
        { fixed: 'ends', hex: 'transparent' },
        { hex: 'transparent' },
        { fixed: 'altered', hex: 'altered' },
      ] as const
    ).map((facts) => measured({ ...PROFILE, facts }).binary);
    assert.deepEqual(ways, ['raw', 'hex', 'unproved', 'damaged']);
  });
});
