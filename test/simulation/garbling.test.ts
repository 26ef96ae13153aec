import assert from 'node:assert/strict';

import { Dice } from './dice';
import { Garbling } from './garbling';
import { LENGTH, record } from './record';

describe('Payload that the line changes', () => {
  it('differs in one byte, and is put right again', () => {
    const garbling = new Garbling();
    const sent = record('p1', 4);
    const spoiled = garbling.spoil(sent, new Dice(1));
    assert.equal(spoiled.length, LENGTH);
    assert.equal(spoiled.filter((byte, at) => byte !== sent[at]).length, 1);
    assert.deepEqual(garbling.restore(spoiled), sent);
    assert.ok(garbling.isEven);
  });

  it('is nothing that another fault has changed', () => {
    const garbling = new Garbling();
    const other = record('p1', 4).fill(0xff, 60, 61);
    assert.deepEqual(garbling.restore(other), other);
    const spoiled = garbling.spoil(record('p1', 4), new Dice(1));
    garbling.restore(Buffer.concat([spoiled, spoiled]));
    assert.ok(!garbling.isEven);
  });

  it('is a record, and no command', () => {
    const command = Buffer.from('AT+QIRD=1,1500\r');
    assert.equal(new Garbling().spoil(command, new Dice(1)), command);
  });
});
