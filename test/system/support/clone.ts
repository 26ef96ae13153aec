import { cp, symlink, utimes } from 'node:fs/promises';
import path from 'node:path';
import { root } from './program';
import { tempDir, type Scope } from './scope';

/** A copy of the sources as in a fresh clone, but with the dependencies installed. */
export async function clone(scope: Scope): Promise<string> {
  const dir = await tempDir(scope);
  const left = new Set(
    ['node_modules', 'dist', '.node-red', '.git', '.cache'].map((name) => path.join(root, name)),
  );
  await cp(root, dir, { recursive: true, filter: (source) => !left.has(source) });
  await symlink(path.join(root, 'node_modules'), path.join(dir, 'node_modules'));
  // A lock file newer than the dependencies would have them installed again.
  await utimes(path.join(dir, 'package-lock.json'), 0, 0);
  return dir;
}
