import type { CommandLine } from './command-line';
import type { Exchange } from './exchange';

/** Minimum time in ms between two restorations of the port settings, as each may discard bytes in the port. */
const RESTORE_PAUSE = 1000;
/** After this many garbled responses in a row, restoring the settings has not helped. */
const RESTORE_TRIES = 3;

/** Counts garbled responses, and decides when to restore the port settings, which another program may have changed. */
export class LineHealth {
  /** Another program may have changed the settings of the port. */
  isRestoreDue = false;
  private garbled = 0;
  private restoredAt = -Infinity;
  /** A result code ended with CR, so if a later one does not, line ends are being changed on the line. */
  private hasSeenCarriageReturn = false;

  constructor(private readonly onGarbled: (inARow: number) => void) {}

  /** How many responses in a row were garbled. */
  get garbledInARow(): number {
    return this.garbled;
  }

  /**
   * A response with its result code was received.
   * @param hasBareLineFeed whether the result code ended with LF alone
   */
  judge({ command, isMalformed }: CommandLine, { block }: Exchange, hasBareLineFeed: boolean): void {
    const isChanged = hasBareLineFeed && this.hasSeenCarriageReturn;
    this.hasSeenCarriageReturn ||= !hasBareLineFeed;
    if (isChanged || isMalformed) this.noteGarbled();
    else if (this.garbled > 0 && (block ?? command.body)) this.count(0);
  }

  noteGarbled(): void {
    this.isRestoreDue ||= this.garbled < RESTORE_TRIES;
    this.count(this.garbled + 1);
  }

  /** @returns whether the port settings may be restored now; the caller does so then */
  beginRestore(now: number): boolean {
    if (now - this.restoredAt < RESTORE_PAUSE) return false;
    this.isRestoreDue = false;
    this.restoredAt = now;
    return true;
  }

  private count(inARow: number): void {
    this.garbled = inARow;
    this.onGarbled(inARow);
  }
}
