/** What is known by config node and outlives the process, as a JSON file in the user directory. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export class KeptMap {
  private readonly file: string | undefined;
  private readonly entries: Map<string, unknown>;

  /** @param folder where to keep the file; without one all is forgotten when the process ends */
  constructor(folder: string | undefined, name: string) {
    this.file = folder === undefined ? undefined : path.join(folder, name);
    this.entries = new Map(Object.entries(this.file === undefined ? {} : load(this.file)));
  }

  get(id: string): unknown {
    return this.entries.get(id);
  }

  set(id: string, value: unknown): void {
    this.entries.set(id, value);
    this.save();
  }

  delete(id: string): void {
    if (this.entries.delete(id)) this.save();
  }

  private save(): void {
    if (this.file === undefined) return;
    try {
      writeFileSync(this.file, JSON.stringify(Object.fromEntries(this.entries)), { mode: 0o600 });
    } catch {
      // Where nothing can be written, memory has to do.
    }
  }
}

/** Missing or damaged, it says nothing. */
function load(file: string): object {
  try {
    const stored: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof stored === 'object' && stored !== null ? stored : {};
  } catch {
    return {};
  }
}
