/**
 * PINs that the SIM has refused, by config node: not to be entered again after a redeploy or a restart, as the third
 * wrong one locks the SIM. What is kept in the user directory does not show them.
 */
import { scryptSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const FILE = '.qfwd-refused-pins.json';

export class RefusedPins {
  private readonly file: string | undefined;
  private readonly digests: Map<string, string[]>;

  /** @param folder where to keep them; without one they are forgotten when the process ends */
  constructor(folder: string | undefined) {
    this.file = folder === undefined ? undefined : path.join(folder, FILE);
    this.digests = new Map(Object.entries(this.file === undefined ? {} : load(this.file)));
  }

  has(id: string, pin: string): boolean {
    return this.digests.get(id)?.includes(digest(id, pin)) ?? false;
  }

  add(id: string, pin: string): void {
    this.digests.set(id, [...(this.digests.get(id) ?? []), digest(id, pin)]);
    this.save();
  }

  /** Somebody has taken the PIN out: what comes next is meant. */
  forget(id: string): void {
    if (this.digests.delete(id)) this.save();
  }

  private save(): void {
    if (this.file === undefined) return;
    try {
      writeFileSync(this.file, JSON.stringify(Object.fromEntries(this.digests)), { mode: 0o600 });
    } catch {
      // Where nothing can be written, memory has to do.
    }
  }
}

function digest(id: string, pin: string): string {
  return scryptSync(pin, id, 16).toString('base64');
}

/** Missing or damaged, it says nothing. */
function load(file: string): Record<string, string[]> {
  try {
    const stored: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof stored !== 'object' || stored === null) return {};
    return Object.fromEntries(Object.entries(stored).map(([id, known]) => [id, [known].flat() as string[]]));
  } catch {
    return {};
  }
}
