import type { CmeError } from './result';

/**
 * Why a command has no answer:
 *
 * - `rejected`: the module said ERROR.
 * - `timeout`: no answer, and the line is in step again.
 * - `lost`: the link went, or was given up, before the answer came.
 * - `cancelled`: it was taken back before anything of it was written.
 * - `unprompted`: the module never asked for the body, which was not written.
 * - `full`: the queue had no room.
 * - `nonsense`: the answer makes no sense.
 */
export type AtFailure = 'rejected' | 'timeout' | 'lost' | 'cancelled' | 'unprompted' | 'full' | 'nonsense';

export class AtError extends Error {
  override readonly name = 'AtError';

  constructor(
    readonly failure: AtFailure,
    message: string,
    /** Whether the module may have acted on the command: for a body, whether a byte of it was written. */
    readonly mayHaveHappened = false,
    readonly cme?: CmeError,
  ) {
    super(message);
  }
}
