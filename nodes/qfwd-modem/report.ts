/** What a modem node reports in the log and to Catch nodes. */
import type { Node } from 'node-red';
import type { LinkState, Modem, QfwdError } from '../../src/modem';

/**
 * Logs state changes, each one once.
 * @param name of the port
 * @returns stops it
 */
export function reportTo(node: Node, modem: Modem, name: string): () => void {
  let last: LinkState | undefined;
  let lastReason = '';
  let isLockTold = false;
  const onProblem = (error: QfwdError): void => node.error(error, {});
  const onWarning = (text: string): void => node.warn(text);
  const onState = (state: LinkState, reason: Error | undefined): void => {
    if (state === 'ready' && last !== 'ready')
      node.log(`connected to ${name}, with the socket commands ${modem.commands?.description ?? ''}`);
    // Directly after `ready`: the port is still open, so the module has restarted.
    if (state === 'initializing' && last === 'ready') node.log(`the module at ${name} has restarted`);
    if (state === 'locked' && reason && !isLockTold) {
      isLockTold = true;
      node.error(reason, {});
    }
    if (state === 'unsupported')
      node.warn(`the module at ${name} knows no ${commandsOf(modem)} command; is its firmware right?`);
    if (state === 'offline' && reason && reason.message !== lastReason) {
      node.warn(`not connected to ${name}: ${reason.message}`);
    }
    if (state === 'initializing') last = state;
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

/** Such as `AT+QFWDSEVER or AT+QIOPEN`. */
function commandsOf({ families }: Modem): string {
  return families.map(({ identifiedBy: [name = ''] }) => `AT+${name}`).join(' or ');
}
