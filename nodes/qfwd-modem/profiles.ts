/**
 * Calibration results by config node, stored in the user directory. A serial server between Node-RED and the module may
 * change bytes, so a profile is only valid for the same access settings.
 */
import type { Profile } from '../../src/modem';
import { isProfile } from './families';
import { KeptMap } from './kept-map';
import type { Access } from './settings';

export class Profiles {
  private readonly kept: KeptMap;

  /** @param folder of the file; if missing, profiles are kept in memory only */
  constructor(folder: string | undefined) {
    this.kept = new KeptMap(folder, '.qfwd-profiles.json');
  }

  get(id: string, access: Access): Profile | undefined {
    const entry = this.kept.get(id);
    if (typeof entry !== 'object' || entry === null) return undefined;
    const { way, profile } = entry as { readonly way?: unknown; readonly profile?: unknown };
    return way === wayOf(access) && isProfile(profile) ? profile : undefined;
  }

  set(id: string, access: Access, profile: Profile): void {
    this.kept.set(id, { way: wayOf(access), profile });
  }

  delete(id: string): void {
    this.kept.delete(id);
  }
}

function wayOf(access: Access): string {
  return JSON.stringify(access);
}
