import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Pins } from '../../../nodes/qfwd-modem/pins';
import { defer } from '../../support/cleanup';

const FILE = '.qfwd-pins.json';

function folder(): string {
  const created = mkdtempSync(path.join(tmpdir(), 'qfwd-'));
  defer(() => rmSync(created, { recursive: true }));
  return created;
}

/** What a process that starts now knows of these PINs. */
function statesIn(where: string, ...pins: readonly (readonly [id: string, pin: string])[]): string[] {
  const known = new Pins(where);
  return pins.map(([id, pin]) => known.memoryOf(id, pin).state);
}

describe('A PIN', () => {
  it('is unknown from before it is entered, also after a restart, until it is accepted or rejected', () => {
    const where = folder();
    const memory = new Pins(where).memoryOf('a', '1234');
    assert.equal(memory.state, 'usable');
    memory.noteEntering();
    assert.deepEqual([memory.state, ...statesIn(where, ['a', '1234'])], ['unknown', 'unknown']);
    memory.noteAccepted();
    assert.deepEqual([memory.state, ...statesIn(where, ['a', '1234'])], ['usable', 'usable']);
    memory.noteEntering();
    memory.noteRefused();
    assert.deepEqual([memory.state, ...statesIn(where, ['a', '1234'])], ['refused', 'refused']);
  });

  it('is remembered for its node only, beside others of the node', () => {
    const where = folder();
    const pins = new Pins(where);
    pins.memoryOf('a', '1234').noteRefused();
    pins.memoryOf('a', '4321').noteEntering();
    const asked = [
      ['a', '1234'],
      ['a', '4321'],
      ['a', '0000'],
      ['b', '1234'],
    ] as const;
    assert.deepEqual(statesIn(where, ...asked), ['refused', 'unknown', 'last', 'usable']);
    pins.memoryOf('a', '4321').noteAccepted();
    assert.deepEqual(statesIn(where, ...asked), ['refused', 'usable', 'usable', 'usable']);
  });

  it('may be the last of the PINs of a SIM after two others, but not if the SIM has accepted one since', () => {
    const where = folder();
    const pins = new Pins(where);
    const refuse = (pin: string) => pins.memoryOf('a', pin).noteRefused();
    refuse('1111');
    assert.deepEqual(statesIn(where, ['a', '3333']), ['usable']);
    refuse('2222');
    assert.deepEqual(statesIn(where, ['a', '3333']), ['last']);
    pins.memoryOf('a', '3333').noteEntering();
    pins.memoryOf('a', '3333').noteAccepted();
    const after = [
      ['a', '1111'],
      ['a', '2222'],
      ['a', '3333'],
      ['a', '4444'],
    ] as const;
    assert.deepEqual(statesIn(where, ...after), ['refused', 'refused', 'usable', 'usable']);
    refuse('4444');
    assert.deepEqual(statesIn(where, ['a', '5555']), ['usable']);
  });

  it('was entered for one SIM and no other, as far as both are known', () => {
    const where = folder();
    const memory = new Pins(where).memoryOf('a', '1234');
    memory.noteEntering('898600220909A0206023');
    const after = new Pins(where).memoryOf('a', '1234');
    for (const it of [memory, after]) {
      assert.deepEqual(
        [it.isFor('898600220909A0206023'), it.isFor(undefined), it.isFor('898600220909A0206024')],
        [true, true, false],
      );
    }
    assert.ok(!readFileSync(path.join(where, FILE), 'utf8').includes('8986'));
    memory.noteEntering();
    assert.equal(memory.isFor('898600220909A0206024'), true);
  });

  it('is usable again once it was removed from the node', () => {
    const where = folder();
    const pins = new Pins(where);
    pins.memoryOf('a', '1234').noteRefused();
    pins.forget('a');
    assert.deepEqual(statesIn(where, ['a', '1234']), ['usable']);
  });

  it('is not removed from a node that has had none since the start: its credentials may not be readable', () => {
    const where = folder();
    new Pins(where).memoryOf('a', '1234').noteRefused();
    new Pins(where).forget('a');
    assert.deepEqual(statesIn(where, ['a', '1234']), ['refused']);
  });

  it('is stored so that other users cannot read it, and not in clear text', () => {
    const where = folder();
    new Pins(where).memoryOf('a', '1234').noteRefused();
    assert.deepEqual(readdirSync(where), [FILE]);
    const file = path.join(where, FILE);
    // Windows has access lists instead, which the user directory has from its user.
    if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o077, 0);
    assert.ok(!readFileSync(file, 'utf8').includes('1234'));
  });

  for (const text of ['', '{"a":{"x":', 'damaged', '[]', 'null', '5']) {
    it(`is unknown if the file was damaged: ${JSON.stringify(text)}, until it is removed from the node`, () => {
      const where = folder();
      writeFileSync(path.join(where, FILE), text);
      const both = [
        ['a', '1234'],
        ['b', '1234'],
      ] as const;
      assert.deepEqual(statesIn(where, ...both), ['unknown', 'unknown']);
      const pins = new Pins(where);
      const memory = pins.memoryOf('a', '1234');
      pins.forget('a');
      assert.deepEqual(statesIn(where, ...both), ['usable', 'unknown']);
      memory.noteRefused();
      assert.deepEqual(statesIn(where, ...both), ['refused', 'unknown']);
    });
  }

  it('is unknown if its own entry was damaged', () => {
    const where = folder();
    writeFileSync(path.join(where, FILE), '{"a":5,"b":{}}');
    assert.deepEqual(statesIn(where, ['a', '1234'], ['b', '1234']), ['unknown', 'usable']);
  });

  it('must not be entered if that cannot be stored', () => {
    const where = folder();
    const memory = new Pins(where).memoryOf('a', '1234');
    // Even root cannot write a file in place of a folder.
    mkdirSync(path.join(where, FILE));
    assert.throws(() => memory.noteEntering(), { code: 'QFWD_INVALID', message: /cannot be written/ });
    assert.equal(memory.state, 'usable');
    rmdirSync(path.join(where, FILE));
    memory.noteEntering();
    assert.deepEqual(statesIn(where, ['a', '1234']), ['unknown']);
  });

  it('is remembered until the process ends if there is no folder', () => {
    const pins = new Pins(undefined);
    pins.memoryOf('a', '1234').noteRefused();
    assert.equal(pins.memoryOf('a', '1234').state, 'refused');
  });
});
