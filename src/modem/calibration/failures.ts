import { AtError, isRejection } from '../../at';
import { QfwdError } from '../errors';

/** Whether no further question can be asked. */
export function isHopeless(error: unknown): boolean {
  if (error instanceof QfwdError) return false;
  if (!(error instanceof AtError)) return true;
  return error.failure === 'lost' || error.failure === 'cancelled' || error.failure === 'full';
}

/** ERROR means an empty list. */
export function noneIfRejected(error: unknown): [] {
  if (isRejection(error)) return [];
  throw error;
}
