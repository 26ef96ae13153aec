import { delayNext, dropNext, type Fault, garbleNext, insertBefore, loseInput } from '../../../src/simulator';
import type { Random } from '../random';

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

const faults = [
  () => dropNext('prompt'),
  () => dropNext('result'),
  () => dropNext('info'),
  () => dropNext('urc'),
  () => loseNextSent(),
  (random: Random) => delayNext(20 * random(250)),
  (random: Random) => loseInput(1 + random(30)),
  () => garbleNext('result', () => Buffer.from('\r\n\xff?K')),
  () => insertBefore('result', '\r\n+QIND: SMS DONE\r\n'),
  () => insertBefore('info', '\r\n> \r\n'),
  () => insertBefore('prompt', '\x00\xfe\r\nOOPS\r\n'),
];

/** Something that may happen to any line. */
export function anyFault(random: Random): Fault {
  return faults[random(faults.length)]!(random);
}
