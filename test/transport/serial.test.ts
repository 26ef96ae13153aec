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

  it('that does not exist is named in the error, with a remedy', async () => {
    const message = `no such port: ${path}. Is the module plugged in and on?`;
    await assert.rejects(OpenLink.to(transport()), { message });
  });

  it('that is not a serial port is named in the error, after the reason', async () => {
    await writeFile(path, '');
    await assert.rejects(OpenLink.to(transport()), ({ message }: Error) => {
      assert.match(message, /^the port cannot be opened \(.+\): /);
      return message.endsWith(path);
    });
  });
});
