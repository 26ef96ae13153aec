/** What a modem node reports of the state of its modem, in the log and to Catch nodes. */
import type { Node } from 'node-red';
import { type LinkState, type Modem, toQfwdError } from '../../src/modem';
import { report } from '../runtime/flow-node';
import { inWords } from '../runtime/words';

/**
 * Logs state changes, each one once.
 * @param name of the port
 * @returns stops it
 */
export function reportTo(node: Node, modem: Modem, name: string): () => void {
  let last: LinkState | undefined;
  let lastReason = '';
  let isLockTold = false;
  const log = (text: string): void => node.log(inWords(node, text));
  const warn = (text: string): void => node.warn(inWords(node, text));
  const onState = (state: LinkState, reason: Error | undefined): void => {
    if (state === 'ready' && last !== 'ready')
      log(`connected to ${name}, with the socket commands ${modem.commands?.description ?? ''}`);
    // Directly after `ready`: the port is still open, so the module has restarted.
    if (state === 'initializing' && last === 'ready') log(`the module at ${name} has restarted`);
    if (state === 'locked' && reason && !isLockTold) {
      isLockTold = true;
      report(node, toQfwdError(reason));
    }
    if (state === 'unsupported')
      warn(`the module at ${name} knows no ${commandsOf(modem)} command; is its firmware right?`);
    if (state === 'offline' && reason && reason.message !== lastReason) {
      warn(`not connected to ${name}: ${reason.message}`);
    }
    if (state === 'initializing') last = state;
    if (state === 'ready' || state === 'offline') {
      last = state;
      lastReason = state === 'ready' ? '' : (reason?.message ?? '');
    }
  };
  modem.on('warning', warn);
  modem.on('state', onState);
  return () => {
    modem.off('warning', warn);
    modem.off('state', onState);
  };
}

/** Such as `AT+QFWDSEVER or AT+QIOPEN`. */
function commandsOf({ families }: Modem): string {
  return families.map(({ identifiedBy: [name = ''] }) => `AT+${name}`).join(' or ');
}
