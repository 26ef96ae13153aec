import type { QfwdError } from '../errors';

/** Why a server or client could not be opened, as far as the module tells. */
export type FailureKind = 'in-use' | 'refused' | 'no-answer' | 'unreachable' | 'not-found' | 'no-context';

/** By `result` of the open URC: errno of Linux, or a code of AT+QIGETERROR. */
const KINDS: ReadonlyMap<number, FailureKind> = new Map([
  [98, 'in-use'],
  [101, 'unreachable'],
  [110, 'no-answer'],
  [111, 'refused'],
  [113, 'unreachable'],
  [556, 'in-use'],
  [561, 'no-context'],
  [565, 'not-found'],
  [566, 'refused'],
  [569, 'no-answer'],
  [570, 'no-context'],
  [574, 'in-use'],
]);

/** `undefined` if the reason is unknown. */
export function failureKind({ code, result }: QfwdError): FailureKind | undefined {
  if (result !== undefined) return KINDS.get(result);
  return code === 'QFWD_TIMEOUT' ? 'no-answer' : undefined;
}
