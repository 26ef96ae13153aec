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

/** Changes what follows the next prompt. */
export function changeNextBody(change: (bytes: Buffer) => Buffer): Fault {
  let isPrompted = false;
  let isSpent = false;
  return {
    get spent() {
      return isSpent;
    },
    send(packet) {
      if (packet.kind === 'prompt') isPrompted = true;
      return [packet];
    },
    receive(bytes) {
      isSpent = isPrompted;
      return isPrompted ? change(bytes) : bytes;
    },
  };
}

/** Something else writes a line just before the next command line. */
export function writeBeforeNext(line: string): Fault {
  let isSpent = false;
  return {
    get spent() {
      return isSpent;
    },
    receive(bytes) {
      if (!bytes.toString('latin1', 0, 2).startsWith('AT')) return bytes;
      isSpent = true;
      return Buffer.concat([Buffer.from(line), bytes]);
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
