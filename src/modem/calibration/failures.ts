import { AtError, isRejection } from '../../at';
import { QfwdError } from '../errors';

/** Whether no other question can be asked either. */
export function isHopeless(error: unknown): boolean {
  if (error instanceof QfwdError) return false;
  if (!(error instanceof AtError)) return true;
  return error.failure === 'lost' || error.failure === 'cancelled' || error.failure === 'full';
}

/** ERROR says that there is nothing to list. */
export function noneIfRejected(error: unknown): [] {
  if (isRejection(error)) return [];
  throw error;
}
