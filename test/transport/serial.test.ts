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

  it('that is not there is named, with what to do', async () => {
    await assert.rejects(OpenLink.to(transport()), {
      message: new RegExp(
        `^${path} cannot be opened: .*[Nn]o such file.*\\. Is the module plugged in and on\\?$`,
      ),
    });
  });

  it('that is no serial port is named', async () => {
    await writeFile(path, '');
    await assert.rejects(OpenLink.to(transport()), { message: new RegExp(`^${path} cannot be opened: `) });
  });
});
