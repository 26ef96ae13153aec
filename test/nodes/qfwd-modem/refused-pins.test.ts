import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RefusedPins } from '../../../nodes/qfwd-modem/refused-pins';
import { defer } from '../../support/cleanup';

function folder(): string {
  const created = mkdtempSync(path.join(tmpdir(), 'qfwd-'));
  defer(() => rmSync(created, { recursive: true }));
  return created;
}

describe('PINs that were refused', () => {
  it('are known after a restart, each for its own node', () => {
    const where = folder();
    new RefusedPins(where).add('a', '1234');
    const pins = new RefusedPins(where);
    assert.deepEqual(
      [pins.has('a', '1234'), pins.has('a', '4321'), pins.has('b', '1234')],
      [true, false, false],
    );
    pins.add('a', '4321');
    assert.deepEqual([pins.has('a', '1234'), pins.has('a', '4321')], [true, true]);
    pins.forget('a');
    assert.deepEqual([new RefusedPins(where).has('a', '1234'), pins.has('a', '4321')], [false, false]);
  });

  it('cannot be read by others, nor off the file', () => {
    const where = folder();
    new RefusedPins(where).add('a', '1234');
    const [file] = readdirSync(where);
    assert.ok(file);
    assert.equal(statSync(path.join(where, file)).mode & 0o077, 0);
    assert.ok(!readFileSync(path.join(where, file), 'utf8').includes('1234'));
    writeFileSync(path.join(where, file), 'damaged');
    assert.equal(new RefusedPins(where).has('a', '1234'), false);
  });

  it('are known as long as the process lives without a folder', () => {
    const pins = new RefusedPins(undefined);
    pins.add('a', '1234');
    assert.equal(pins.has('a', '1234'), true);
  });
});
