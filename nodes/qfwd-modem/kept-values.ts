/** A value of each modem that is kept over a restart of Node-RED, by config node id. */
import type { Kept } from '../../src/modem';
import { KeptMap } from './kept-map';

export class KeptValues<T> {
  private readonly kept: KeptMap;

  /**
   * @param folder of the file; if missing, values are kept in memory only
   * @param isValue whether a value from the file is one
   */
  constructor(
    folder: string | undefined,
    name: string,
    private readonly isValue: (value: unknown) => value is T,
    isOnDisk = true,
  ) {
    this.kept = new KeptMap(folder, name, isOnDisk);
  }

  of(id: string): Kept<T> {
    const { isValue, kept } = this;
    return {
      get value() {
        const value = kept.get(id);
        return isValue(value) ? value : undefined;
      },
      set value(value) {
        kept.set(id, value);
      },
    };
  }

  delete(id: string): void {
    this.kept.delete(id);
  }
}
