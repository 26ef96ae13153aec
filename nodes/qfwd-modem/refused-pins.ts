/**
 * PINs that the SIM has refused, by config node: not to be entered again after a redeploy or a restart, as the third
 * wrong one locks the SIM. What is kept in the user directory does not show them.
 */
import { scryptSync } from 'node:crypto';
import { KeptMap } from './kept-map';

export class RefusedPins {
  private readonly digests: KeptMap;

  /** @param folder where to keep them; without one they are forgotten when the process ends */
  constructor(folder: string | undefined) {
    this.digests = new KeptMap(folder, '.qfwd-refused-pins.json');
  }

  has(id: string, pin: string): boolean {
    return this.of(id).includes(digest(id, pin));
  }

  add(id: string, pin: string): void {
    this.digests.set(id, [...this.of(id), digest(id, pin)]);
  }

  /** Somebody has taken the PIN out: what comes next is meant. */
  forget(id: string): void {
    this.digests.delete(id);
  }

  private of(id: string): readonly unknown[] {
    return [this.digests.get(id) ?? []].flat();
  }
}

function digest(id: string, pin: string): string {
  return scryptSync(pin, id, 16).toString('base64');
}
