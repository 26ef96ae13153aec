import type { CmeError } from './result';

/**
 * Why a command has no answer:
 *
 * - `rejected`: the module said ERROR, or another final result code of failure.
 * - `timeout`: no answer, and the line is in step again.
 * - `mixed`: the same, and the module may have got other bytes in place of the body, or as part of it.
 * - `lost`: the link went, or was given up, before the answer came.
 * - `cancelled`: it was withdrawn before anything of it was written.
 * - `noPrompt`: the module never asked for the body, which was not written.
 * - `full`: the queue had no room.
 * - `malformed`: the answer is not of the form that the command has, or has no end.
 */
export type AtFailure =
  'rejected' | 'timeout' | 'mixed' | 'lost' | 'cancelled' | 'noPrompt' | 'full' | 'malformed';

export class AtError extends Error {
  override readonly name = 'AtError';

  constructor(
    readonly failure: AtFailure,
    message: string,
    /** Whether the module may have acted on the command: for a body, whether a byte of it was written. */
    readonly mayHaveHappened = false,
    readonly cme?: CmeError,
    /** The command line that was refused. */
    readonly command?: string,
  ) {
    super(message);
  }
}

/** Whether the module said ERROR. */
export function isRejection(error: unknown): error is AtError {
  return error instanceof AtError && error.failure === 'rejected';
}
