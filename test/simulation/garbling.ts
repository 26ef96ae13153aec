/**
 * Payload that a fault changes on the line, at equal length: nobody but its two ends can notice that. So each changed byte is
 * marked as such, and put right again before the rules look at what has arrived: they hold for all the rest.
 */
import type { Dice } from './dice';
import { FILLER } from './record';

/** Above all bytes of a record. */
const FIRST_MARK = 0x80;
const LAST_MARK = 0xff;
/** Stands in no command, response or URC. */
const FILLED = Buffer.from(FILLER.repeat(4));

export class Garbling {
  private changed = 0;
  private restored = 0;

  /** Whether no more is restored than was changed. */
  get isEven(): boolean {
    return this.restored <= this.changed;
  }

  /** Changes one byte of the first record; none when there is no record. */
  spoil(bytes: Buffer, dice: Dice): Buffer {
    const start = bytes.indexOf(FILLED);
    if (start < 0) return bytes;
    const spoiled = Buffer.from(bytes);
    spoiled[start + dice.from(0, FILLED.length - 1)] = dice.from(FIRST_MARK, LAST_MARK);
    this.changed++;
    return spoiled;
  }

  /** @returns the bytes as they were sent */
  restore(bytes: Buffer): Buffer {
    if (this.changed === 0) return bytes;
    const whole = Buffer.from(bytes);
    for (const [at, byte] of whole.entries()) {
      if (byte < FIRST_MARK) continue;
      whole.write(FILLER, at);
      this.restored++;
    }
    return whole;
  }
}
