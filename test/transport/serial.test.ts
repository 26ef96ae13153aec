import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { serialTransport } from '../../src/transport';
import { OpenLink } from '../support/open-link';

describe('A serial port', () => {
  let directory: string;
  let path: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tty-'));
    path = join(directory, 'tty');
  });

  afterEach(() => rm(directory, { recursive: true }));

  const transport = () => serialTransport({ path, baudRate: 115_200, rtscts: false });

  /** What an error says of this port; `rest` is what comes after its name. */
  const message = (rest: RegExp) => (error: Error) => {
    assert.ok(error.message.startsWith(`${path} cannot be opened: `), error.message);
    assert.match(error.message, rest);
    return true;
  };

  it('that does not exist is named in the error, with a remedy', async () => {
    await assert.rejects(
      OpenLink.to(transport()),
      message(/(no such file|not found).*\. Is the module plugged in and on\?$/i),
    );
  });

  it('that is not a serial port is named in the error', async () => {
    await writeFile(path, '');
    await assert.rejects(OpenLink.to(transport()), message(/: ./));
  });
});
