import type { Fault } from '../../../src/simulator';

/** Loses the whole answer to the next payload. */
export function loseNextSent(): Fault {
  let isPrompted = false;
  let isSpent = false;
  return {
    get spent() {
      return isSpent;
    },
    send(packet) {
      if (packet.kind === 'prompt') isPrompted = true;
      if (!isPrompted || (packet.kind !== 'info' && packet.kind !== 'result')) return [packet];
      isSpent = packet.kind === 'result';
      return [];
    },
  };
}
