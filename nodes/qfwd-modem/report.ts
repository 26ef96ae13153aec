/** What a modem node says in the log and to Catch nodes. */
import type { Node } from 'node-red';
import { type JournalEntry, type LinkState, type Modem, QfwdError } from '../../src/modem';
import type { Redaction } from './redaction';

const SIGNS = { out: '>', in: '<', note: '!' } as const;

/** Writes the AT dialogue to the log. */
export function traceTo(
  node: Node,
  hide: Redaction,
): (direction: JournalEntry['direction'], text: string) => void {
  return (direction, text) => node.log(`${SIGNS[direction]} ${hide(text)}`);
}

/**
 * Says what changes, and nothing twice.
 * @param name of the port
 * @returns ends it
 */
export function reportTo(node: Node, modem: Modem, name: string, hide: Redaction): () => void {
  let last: LinkState | undefined;
  let lastReason = '';
  let isLockTold = false;
  const onProblem = (error: QfwdError): void => node.error(hidden(error, hide), {});
  const onWarning = (text: string): void => node.warn(hide(text));
  const onState = (state: LinkState, reason: Error | undefined): void => {
    if (state === 'ready' && last !== 'ready') node.log(`connected to ${name}`);
    // Straight from ready: the port is still open.
    if (state === 'initialising' && last === 'ready') node.log(`the module at ${name} starts anew`);
    if (state === 'locked' && reason && !isLockTold) {
      isLockTold = true;
      node.error(hidden(reason, hide), {});
    }
    if (state === 'unsupported')
      node.warn(`the module at ${name} knows no AT+QFWD command; is its firmware right?`);
    if (state === 'offline' && reason && reason.message !== lastReason) {
      node.warn(`not connected to ${name}: ${hide(reason.message)}`);
    }
    if (state === 'initialising') last = state;
    if (state === 'ready' || state === 'offline') {
      last = state;
      lastReason = state === 'ready' ? '' : (reason?.message ?? '');
    }
  };
  modem.on('problem', onProblem);
  modem.on('warning', onWarning);
  modem.on('state', onState);
  return () => {
    modem.off('problem', onProblem);
    modem.off('warning', onWarning);
    modem.off('state', onState);
  };
}

function hidden(error: Error, hide: Redaction): Error {
  const text = hide(error.message);
  if (text === error.message) return error;
  return error instanceof QfwdError ? new QfwdError(error.code, text, { cme: error.cme }) : new Error(text);
}
