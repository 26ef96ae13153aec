import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { Program, root } from '../system/support/program';
import { tempDir, useScope } from '../system/support/scope';

describe('the lock file', () => {
  const scope = useScope();

  it('is in sync with package.json for npm 10, which Node 20 and 22 bring', async () => {
    const cwd = await tempDir(scope);
    for (const name of ['package.json', 'package-lock.json']) {
      await copyFile(path.join(root, name), path.join(cwd, name));
    }
    // Node-RED 4.1 depends on npm 10.
    const npm10 = path.join(root, 'node_modules/npm/bin/npm-cli.js');
    const program = new Program(scope, process.execPath, [npm10, 'ci', '--dry-run'], { cwd });
    assert.equal(await program.exited, 0, program.output);
  });
});
