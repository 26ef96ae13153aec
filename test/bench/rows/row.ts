import type { Bed, BedOptions } from '../support/bed';

/** One figure of one contender. */
export interface Result {
  readonly work: string;
  readonly who: string;
  readonly unit: string;
  /** One of each round. */
  readonly values: readonly number[];
  /** The values against those of something else, round by round. */
  readonly ratio?: { readonly to: string; readonly values: readonly number[] };
  /** What we mean to reach. */
  readonly aim?: string;
  readonly note?: string;
}

export interface Context {
  readonly rounds: number;
  /** Of the sizes that a row has, what part to take: 1, or less for a quick look. */
  readonly scale: number;
  /** Makes a bed that is taken away after the row, or by {@link clear}. */
  bed(options: BedOptions): Promise<Bed>;
  /** Takes all beds away, so that they do not run beside the next ones. */
  clear(): Promise<void>;
}

export interface Row {
  readonly name: string;
  readonly doc: string;
  run(context: Context): Promise<Result[]>;
}

export const KB = 1024;
export const MB = 1024 * KB;
