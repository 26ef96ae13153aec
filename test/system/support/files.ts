import { watch } from 'node:fs';
import path from 'node:path';

/** Resolves once a condition about the file is true; it is checked whenever something in the folder changes. */
export function untilFile(file: string, holds: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const check = (): void => {
      if (!holds()) return;
      watcher.close();
      resolve();
    };
    const watcher = watch(path.dirname(file), check).on('error', reject);
    check();
  });
}
