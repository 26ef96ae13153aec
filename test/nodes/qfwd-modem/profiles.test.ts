import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Profiles } from '../../../nodes/qfwd-modem/profiles';
import type { Profile } from '../../../src/modem';
import { MANUAL } from '../../../src/qfwd/dialect';
import { defer } from '../../support/cleanup';

function folder(): string {
  const created = mkdtempSync(path.join(tmpdir(), 'qfwd-'));
  defer(() => rmSync(created, { recursive: true }));
  return created;
}

const profile: Profile = {
  family: 'qfwd',
  firmware: 'EC25EFAR06A03M4G',
  dialect: MANUAL,
  lacks: [],
  facts: { fixed: 'transparent' },
};
const access = { transport: 'tcp', host: '127.0.0.1', port: 3333 } as const;

describe('Profiles', () => {
  it('are restored after a restart, each for its own node', () => {
    const where = folder();
    new Profiles(where).set('a', access, profile);
    const profiles = new Profiles(where);
    assert.deepEqual(profiles.get('a', access), profile);
    assert.equal(profiles.get('b', access), undefined);
    profiles.delete('a');
    assert.equal(new Profiles(where).get('a', access), undefined);
  });

  it('are valid for the port on which they were measured', () => {
    const profiles = new Profiles(undefined);
    profiles.set('a', access, profile);
    assert.equal(profiles.get('a', { ...access, port: 3334 }), undefined);
    assert.deepEqual(profiles.get('a', access), profile);
  });

  it('are not restored from a damaged file', () => {
    const where = folder();
    new Profiles(where).set('a', access, profile);
    const [file = ''] = readdirSync(where);
    for (const text of ['damaged', '[]', '{"a":1}', '{"a":{"way":"x"}}', '{"a":{"profile":{}}}']) {
      writeFileSync(path.join(where, file), text);
      assert.equal(new Profiles(where).get('a', access), undefined);
    }
  });
});
