import { crc32 } from 'node:zlib';

/** Random numbers of a seed (mulberry32). */
export class Dice {
  constructor(private state: number) {}

  /** Dice for one subject in the world of a seed. A subject that is added later changes nothing for the others. */
  static of(seed: number, subject: string): Dice {
    return new Dice(crc32(`${seed} ${subject}`));
  }

  /** From 0 to 1, without 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from `first` to `last`. */
  from(first: number, last: number): number {
    return first + Math.floor(this.next() * (last - first + 1));
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.from(0, values.length - 1)]!;
  }

  /** Dice of their own, so that what is drawn from them changes nothing here. */
  fork(): Dice {
    return new Dice(this.from(0, 0xffff_ffff));
  }
}
