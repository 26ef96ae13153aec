import assert from 'node:assert/strict';

import { Addresses } from '../../src/trace/addresses';

const peer = (number: number): string => `10.1.${number >> 8}.${number & 255}`;

describe('Addresses in a trace', () => {
  it('have stand-ins that no two of the last 762 share', () => {
    const addresses = new Addresses();
    const last: string[] = [];
    for (let number = 0; number < 5000; number++) {
      last.push(addresses.replaced(peer(number)));
      if (last.length > 762) last.shift();
      assert.equal(new Set(last).size, last.length);
    }
  });

  it('keep their stand-ins as long as they are in use', () => {
    const addresses = new Addresses();
    const own = addresses.replaced('84.17.3.9');
    for (let number = 0; number < 5000; number++) {
      assert.notEqual(addresses.replaced(peer(number)), own);
      assert.equal(addresses.replaced('84.17.3.9'), own);
    }
  });

  it('are not kept for ever', () => {
    const addresses = new Addresses();
    const ipv6 = new Set<string>();
    for (let number = 1; number <= 5000; number++)
      ipv6.add(addresses.replaced(`2a01:5ec:1::${number.toString(16)}`));
    assert.equal(ipv6.size, 762);
  });
});
