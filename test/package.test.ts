import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import manifest from '../package.json';

const root = path.resolve(__dirname, '..');

interface Packed {
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

describe('The package', () => {
  let packed: Packed;
  let files: string[];

  before(async () => {
    // Builds, too: what is packed is what the sources say.
    const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json'], {
      cwd: root,
      // On Windows npm is a batch file, which only a shell can run.
      shell: process.platform === 'win32',
    });
    [packed] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [Packed];
    files = packed.files.map((file) => file.path);
  });

  it('contains every file that it needs', () => {
    const types = Object.entries(manifest['node-red'].nodes);
    const promised = [
      'README.md',
      'CHANGELOG.md',
      'LICENSE',
      'package.json',
      ...Object.values(manifest.bin),
      ...types.flatMap(([type, entry]) => [
        entry,
        entry.replace(/\.js$/, '.html'),
        path.posix.join(path.dirname(entry), 'locales/en-US', `${type}.json`),
      ]),
      ...readdirSync(path.join(root, 'examples')).map((name) => `examples/${name}`),
      ...readdirSync(path.join(root, 'icons')).map(
        (name) => `dist/nodes/${path.basename(name, '.svg')}/icons/${name}`,
      ),
    ];
    assert.deepEqual(
      promised.filter((name) => !files.includes(name)),
      [],
    );
  });

  it('contains no sources, tests or tools', () => {
    const expected =
      /^(dist\/(src|nodes)\/.+\.(js|html|json|svg)|docs\/.+\.md|docs\/images\/[\w-]+\.(png|svg)|examples\/[\w-]+\.json|[A-Z]+(\.md)?|package\.json)$/;
    assert.deepEqual(
      files.filter((name) => !expected.test(name)),
      [],
    );
  });

  it('stays below 1 MB', () => {
    assert.ok(packed.size < 1_000_000, `${packed.size} bytes`);
  });
});
