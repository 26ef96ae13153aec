import assert from 'node:assert/strict';
import fc from 'fast-check';

import { canonicalAddress, compareEnds, type Ends } from '../../src/sockets';

const FRIEND: Ends = { ip: '10.0.0.1', port: 5683, localIp: '192.168.225.1', localPort: 2020 };

describe('The ends of a connection', () => {
  for (const [written, meant] of [
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::FFFF:a00:1', '10.0.0.1'],
    ['0:0:0:0:0:ffff:0a00:0001', '10.0.0.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['FE80::1%wwan0', 'fe80::1'],
    ['10.0.0.1', '10.0.0.1'],
    ['plc.local', 'plc.local'],
    ['', ''],
  ] as const) {
    it(`are the same as ${JSON.stringify(meant)} if written as ${JSON.stringify(written)}`, () => {
      assert.equal(canonicalAddress(written), meant);
    });
  }

  for (const [what, change, likeness] of [
    ['all alike', {}, 'same'],
    ['another spelling', { ip: '::ffff:10.0.0.1' }, 'same'],
    ['another address', { ip: '10.0.0.2' }, 'other'],
    ['another port', { port: 5684 }, 'other'],
    ['another local port', { localPort: 2021 }, 'other'],
    ['another local address', { localIp: '192.168.225.2' }, 'other'],
    ['any local end', { localIp: '0.0.0.0', localPort: 0 }, 'same'],
    ['no address', { ip: '' }, 'unknown'],
    ['any address', { ip: '0.0.0.0' }, 'unknown'],
    ['any IPv6 address', { ip: '0:0:0:0:0:0:0:0' }, 'unknown'],
    ['a name', { ip: 'plc.local' }, 'unknown'],
    ['no port', { port: 0 }, 'unknown'],
    ['no address, and another port', { ip: '', port: 5684 }, 'other'],
  ] as const) {
    it(`are ${likeness} with ${what}`, () => {
      assert.equal(compareEnds(FRIEND, { ...FRIEND, ...change }), likeness);
    });
  }

  it('are unknown if nothing is known of them', () => {
    assert.equal(compareEnds(undefined, FRIEND), 'unknown');
    assert.equal(compareEnds(undefined, undefined), 'unknown');
  });

  it('with one link-local address in two zones are different, and the same if a zone is not known', () => {
    const at = (ip: string) => ({ ...FRIEND, ip, localIp: '' });
    assert.equal(compareEnds(at('fe80::1%lan'), at('fe80::1%wwan0')), 'other');
    assert.equal(compareEnds(at('fe80::1%lan'), at('FE80:0::1')), 'same');
  });

  const address = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.constantFrom('', '0.0.0.0', '::', 'plc.local', '10.0.0.1'),
  );
  const port = fc.constantFrom(0, 1, 5683);
  const ends = fc.record({ ip: address, port, localIp: address, localPort: port });

  it('compare the same in both directions, and never equal with another port or address', () => {
    fc.assert(
      fc.property(ends, ends, (one, other) => {
        const likeness = compareEnds(one, other);
        assert.equal(compareEnds(other, one), likeness);
        if (likeness !== 'same') return;
        assert.equal(one.port, other.port);
        assert.equal(canonicalAddress(one.ip), canonicalAddress(other.ip));
      }),
    );
  });

  it('stay the same in every spelling of an IPv4 address', () => {
    fc.assert(
      fc.property(fc.ipV4(), (ip) => {
        const [a = 0, b = 0, c = 0, d = 0] = ip.split('.').map(Number);
        const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
        for (const written of [`::ffff:${ip}`, `::FFFF:${hex}`, `0:0:0:0:0:ffff:${hex}`]) {
          assert.equal(canonicalAddress(written), ip);
        }
      }),
    );
  });
});
