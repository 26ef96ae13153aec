/** What a modem node says in the log and to Catch nodes. */
import type { Node } from 'node-red';
import type { JournalEntry, LinkState, Modem } from '../../src/modem';

const SIGNS = { out: '>', in: '<', note: '!' } as const;

/** Writes the AT dialogue to the log. */
export function traceTo(node: Node): (direction: JournalEntry['direction'], text: string) => void {
  return (direction, text) => node.log(`${SIGNS[direction]} ${text}`);
}

/** Says what changes, and nothing twice. @param name of the port */
export function reportTo(node: Node, modem: Modem, name: string): void {
  let last: LinkState | undefined;
  let lastReason = '';
  let isLockTold = false;
  modem.on('problem', (error) => node.error(error, {}));
  modem.on('warning', (text) => node.warn(text));
  modem.on('state', (state, reason) => {
    if (state === 'ready' && last !== 'ready') node.log(`connected to ${name}`);
    // Straight from ready: the port is still open.
    if (state === 'initialising' && last === 'ready') node.log(`the module at ${name} starts anew`);
    if (state === 'locked' && reason && !isLockTold) {
      isLockTold = true;
      node.error(reason, {});
    }
    if (state === 'unsupported')
      node.warn(`the module at ${name} knows no AT+QFWD command; is its firmware right?`);
    if (state === 'offline' && reason && reason.message !== lastReason) {
      node.warn(`not connected to ${name}: ${reason.message}`);
    }
    if (state === 'initialising') last = state;
    if (state === 'ready' || state === 'offline') {
      last = state;
      lastReason = state === 'ready' ? '' : (reason?.message ?? '');
    }
  });
}
