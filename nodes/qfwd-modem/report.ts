/** What a modem node reports in the log and to Catch nodes. */
import type { Node } from 'node-red';
import { type LinkState, type Modem, QfwdError } from '../../src/modem';
import type { Redaction } from './redaction';

/**
 * Logs state changes, each one once.
 * @param name of the port
 * @returns stops it
 */
export function reportTo(node: Node, modem: Modem, name: string, hide: Redaction): () => void {
  let last: LinkState | undefined;
  let lastReason = '';
  let isLockTold = false;
  const onProblem = (error: QfwdError): void => node.error(hidden(error, hide), {});
  const onWarning = (text: string): void => node.warn(hide(text));
  const onState = (state: LinkState, reason: Error | undefined): void => {
    if (state === 'ready' && last !== 'ready') node.log(`connected to ${name}`);
    // Directly after `ready`: the port is still open, so the module has restarted.
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
