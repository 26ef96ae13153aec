import assert from 'node:assert/strict';
import fc from 'fast-check';

import { AllowList } from '../../../src/modem';

describe('An allow list', () => {
  it('that is empty admits every address, known or not', () => {
    for (const ip of ['10.0.0.1', '::1', '', 'malformed']) assert.ok(new AllowList().admits(ip), ip);
  });

  it('admits the addresses in it, however an IPv4 address is written', () => {
    const list = new AllowList(['10.0.0.0/8', '192.168.1.5', 'fd00::/8', '::1']);
    for (const ip of [
      '10.255.0.1',
      '192.168.1.5',
      '::ffff:10.0.0.1',
      '::FFFF:192.168.1.5',
      '::ffff:c0a8:105',
      'fd12::1',
      '::1',
    ])
      assert.ok(list.admits(ip), ip);
    for (const ip of [
      '11.0.0.1',
      '192.168.1.6',
      '::ffff:11.0.0.1',
      'fe80::1',
      '::2',
      '',
      '10.0.0',
      '10.0.0.1 ',
    ])
      assert.ok(!list.admits(ip), ip);
  });

  it('agrees with arithmetic on the bits of addresses', () => {
    const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
    const value = (ip: number[]) => ip.reduce((sum, octet) => sum * 256 + octet, 0);
    fc.assert(
      fc.property(octets, octets, fc.nat(32), (block, ip, prefix) => {
        const size = 2 ** (32 - prefix);
        const isIn = Math.floor(value(block) / size) === Math.floor(value(ip) / size);
        assert.equal(new AllowList([`${block.join('.')}/${prefix}`]).admits(ip.join('.')), isIn);
      }),
    );
  });

  for (const entry of [
    '10.0.0.0/33',
    '10.0.0',
    'fd00::/129',
    'host',
    '10.0.0.0/8/8',
    '/8',
    '',
    '10.0.0.0/',
    '1.2.3.4/-1',
  ])
    it(`rejects ${JSON.stringify(entry)}`, () => {
      assert.throws(() => new AllowList(['::1', entry]), { code: 'QFWD_INVALID', message: /CIDR blocks/ });
    });
});
