import type { CmeError } from './result';

/**
 * Why a command failed:
 *
 * - `rejected`: the final result code was ERROR or another one that means failure.
 * - `timeout`: there was no response; the line is synchronized again.
 * - `mixed`: the same, and the module may have received other bytes in place of the body, or as part of it.
 * - `lost`: the link was lost or given up before the response.
 * - `cancelled`: it was withdrawn before it was written.
 * - `noPrompt`: there was no prompt, so the body was not written.
 * - `full`: the queue was full.
 * - `malformed`: the response does not have the format of the command, or has no end.
 */
export type AtFailure =
  'rejected' | 'timeout' | 'mixed' | 'lost' | 'cancelled' | 'noPrompt' | 'full' | 'malformed';

export class AtError extends Error {
  override readonly name = 'AtError';

  constructor(
    readonly failure: AtFailure,
    message: string,
    /** Whether the module may have executed the command; with a body: whether any byte of the body was written. */
    readonly mayHaveHappened = false,
    readonly cme?: CmeError,
    /** The command line that was rejected. */
    readonly command?: string,
  ) {
    super(message);
  }
}

/** Whether the module rejected the command. */
export function isRejection(error: unknown): error is AtError {
  return error instanceof AtError && error.failure === 'rejected';
}
