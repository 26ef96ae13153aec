/** Which commands modules were found to have in place of AT+QFWD, by config node, stored in the user directory. */
import type { FamilyMemory, FoundFamily } from '../../src/modem';
import { KeptMap } from './kept-map';

export class FoundFamilies {
  private readonly kept: KeptMap;

  /** @param folder of the file; if missing, it is kept in memory only */
  constructor(folder: string | undefined) {
    this.kept = new KeptMap(folder, '.qfwd-commands.json');
  }

  memoryOf(id: string): FamilyMemory {
    const { kept } = this;
    return {
      get found() {
        const entry = kept.get(id);
        return isFound(entry) ? entry : undefined;
      },
      set found(found) {
        kept.set(id, found);
      },
    };
  }

  delete(id: string): void {
    this.kept.delete(id);
  }
}

function isFound(value: unknown): value is FoundFamily {
  if (typeof value !== 'object' || value === null) return false;
  const { family, firmware } = value as Partial<FoundFamily>;
  return typeof family === 'string' && typeof firmware === 'string';
}
