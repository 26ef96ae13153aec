/** Persistent values by config node id, stored as a JSON file in the user directory. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export class KeptMap {
  /** There was a file, and what it held cannot be known. */
  readonly isDamaged: boolean;
  private readonly file: string | undefined;
  private readonly entries: Map<string, unknown>;

  /**
   * @param folder of the file; if missing, values are kept in memory only
   * @param isOnDisk whether they are kept when the machine stops, too: otherwise only when the process does
   */
  constructor(
    folder: string | undefined,
    name: string,
    private readonly isOnDisk = true,
  ) {
    this.file = folder === undefined ? undefined : path.join(folder, name);
    const stored = this.file === undefined ? {} : load(this.file);
    this.isDamaged = stored === undefined;
    this.entries = new Map(Object.entries(stored ?? {}));
  }

  get(id: string): unknown {
    return this.entries.get(id);
  }

  /** @returns whether it is on the disk, or needs not be: where nothing can be written, memory has to do */
  set(id: string, value: unknown): boolean {
    return this.setAll([[id, value]]);
  }

  /** Several at once; see {@link set}. */
  setAll(values: Iterable<readonly [id: string, value: unknown]>): boolean {
    for (const [id, value] of values) this.entries.set(id, value);
    return this.save();
  }

  ids(): Iterable<string> {
    return this.entries.keys();
  }

  delete(id: string): void {
    if (this.entries.delete(id)) this.save();
  }

  private save(): boolean {
    if (this.file === undefined) return true;
    try {
      replaceFile(this.file, JSON.stringify(Object.fromEntries(this.entries)), this.isOnDisk);
      return true;
    } catch {
      return false;
    }
  }
}

/** Parses the file; `undefined` if it exists but cannot be read. */
function load(file: string): object | undefined {
  try {
    const stored: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const isObject = typeof stored === 'object' && stored !== null && !Array.isArray(stored);
    return isObject ? stored : undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? {} : undefined;
  }
}

/**
 * Writes a file that only its owner can read. Whenever the process or the machine stops, the one before or the new one is
 * there, whole.
 * @param isOnDisk it is on the disk when this returns; otherwise, only the process may stop
 */
function replaceFile(file: string, text: string, isOnDisk: boolean): void {
  const fresh = `${file}.new`;
  rmSync(fresh, { force: true });
  withFile(fresh, 'wx', (fd) => {
    writeFileSync(fd, text);
    if (isOnDisk) fsyncSync(fd);
  });
  renameSync(fresh, file);
  if (!isOnDisk) return;
  try {
    withFile(path.dirname(file), 'r', fsyncSync);
  } catch {
    // Windows has no such thing as a folder that is opened.
  }
}

function withFile(file: string, flags: string, use: (fd: number) => void): void {
  const fd = openSync(file, flags, 0o600);
  try {
    use(fd);
  } finally {
    closeSync(fd);
  }
}
