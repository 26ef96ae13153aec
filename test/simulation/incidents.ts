/** What goes wrong in a world, one entry each: it happens at a moment, and is over after at most {@link LONGEST} ms. */
import {
  cutInto,
  delayNext,
  dropNext,
  type Fault,
  garbleNext,
  insertBefore,
  loseInput,
} from '../../src/simulator';
import { changeNextBody, loseNextSent, writeBeforeNext } from '../support/modem/faults';
import type { Dice } from './dice';
import type { Change } from './line';
import type { World } from './world';

export const LONGEST = 60_000;

const CHATTER = [
  '\r\n+QIND: SMS DONE\r\n',
  '\r\n+CREG: 1\r\n',
  '\r\nOOPS\x00\xfe\r\n',
  '\r\n+QUSIM: 1\r\n\r\n+QIND: PB DONE\r\n',
  '\r\n> ',
];

/** Texts of strangers, which the module hands on with its own lines. */
const TEXTS = [
  '\r\n+CMT: "+49123",,"26/11/28,10:00:00+04",145,4,0,0,"+49",145,12\r\nRDY\r\nhello!\r\n',
  '\r\n+CMT: "+49123",,"26/11/28,10:00:00+04"\r\n+QFWDURC: "client/close",2\r\n',
  '\r\n+CBM: 1,2,3,1,1\r\n\r\nPOWERED DOWN\r\n',
  '\r\n+CUSD: 0,"your balance\r\nOK\r\n+QFWDURC: ""client/close"",3\r\nbye",15\r\n',
];

/** URCs that say nothing about sockets. */
const FOREIGN = ['+CMTI: "SM",3', 'RING', '+CREG: 5', '+QUSIM: 1'];

/** What another program says to the module, such as one that watches the signal. */
const OTHER_COMMANDS = ['AT\r', 'ATI\r', 'AT+CSQ\r', 'ATE1\r', 'AT+CMEE=2\r'];

/** Settings of a tty, and of a serial server: ICRNL, and CR LF for LF. */
const LINE_CHANGES: readonly Change[] = [
  (bytes) => Buffer.from(bytes.toString('latin1').replaceAll('\r', '\n'), 'latin1'),
  (bytes) => Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1'),
];

type Happening = (world: World, dice: Dice, occurred: () => void) => void;

/** A fault of a line that happens once. */
function once(fault: (dice: Dice, world: World) => Fault): Happening {
  return (world, dice, occurred) => {
    const stop = world.module.inject(observed(fault(dice, world), occurred), world.anyPort(dice));
    world.later(LONGEST, stop);
  };
}

/** A fault of a line that lasts for a while. */
function during(fault: (dice: Dice) => Fault): Happening {
  return (world, dice, occurred) => {
    const stop = world.module.inject(observed(fault(dice), occurred), world.anyPort(dice));
    world.later(dice.pick([300, 5000, LONGEST]), stop);
  };
}

/** Anything else; `false` if nothing has happened. */
function event(action: (world: World, dice: Dice) => unknown): Happening {
  return (world, dice, occurred) => {
    if (action(world, dice) !== false) occurred();
  };
}

const HAPPENINGS = {
  'prompt lost': once(() => dropNext('prompt')),
  'result lost': once(() => dropNext('result')),
  'information lost': once(() => dropNext('info')),
  'URC lost': once(() => dropNext('urc')),
  'data lost': once(() => dropNext('block')),
  'data cut': once((dice) =>
    garbleNext('block', (bytes) => bytes.subarray(0, dice.from(0, bytes.length - 1))),
  ),
  'answer to a payload lost': once(() => loseNextSent()),
  'result garbled': once(() => garbleNext('result', () => Buffer.from('\r\n\xff?K'))),
  'URC garbled': once((dice) => garbleNext('urc', (bytes) => bytes.subarray(0, dice.from(1, bytes.length)))),
  'information doubled': once(() => garbleNext('info', (bytes) => Buffer.concat([bytes, bytes]))),
  'result doubled': once(() => garbleNext('result', (bytes) => Buffer.concat([bytes, bytes]))),
  'prompt doubled': once(() => garbleNext('prompt', (bytes) => Buffer.concat([bytes, bytes]))),
  late: once((dice) => delayNext(dice.pick([100, 900, 4000, 20_000]))),
  'commands lost': once((dice) => loseInput(dice.from(1, 60))),
  'data header changed': once((dice) =>
    garbleNext('block', (bytes) => changedByte(bytes, dice, headerEnd(bytes))),
  ),
  'information changed': once((dice) => garbleNext('info', (bytes) => changedByte(bytes, dice))),
  'result changed': once((dice) => garbleNext('result', (bytes) => changedByte(bytes, dice))),
  'prompt changed': once((dice) => garbleNext('prompt', (bytes) => changedByte(bytes, dice))),
  'URC changed': once((dice) => garbleNext('urc', (bytes) => changedByte(bytes, dice))),
  'received payload changed': once((dice, { ledger }) =>
    garbleNext('block', (bytes) => ledger.garbling.spoil(bytes, dice)),
  ),
  'sent payload changed': once((dice, { ledger }) =>
    changeNextBody((bytes) => ledger.garbling.spoil(bytes, dice)),
  ),
  'another program writes': once((dice) => writeBeforeNext(dice.pick(OTHER_COMMANDS))),
  'another program changes the line': event((world, dice) =>
    world.line.change(world.anyPort(dice), dice.pick(LINE_CHANGES), LONGEST),
  ),
  'another program has the port': event((world, dice) =>
    world.line.losePort(world.anyPort(dice), 'cannot lock port', dice.pick([1000, 20_000, LONGEST])),
  ),
  chatter: once((dice) => insertBefore(dice.pick(['result', 'info', 'prompt', 'urc']), dice.pick(CHATTER))),
  'URC behind data': once((dice) =>
    garbleNext('block', (bytes) => Buffer.concat([bytes, Buffer.from(`\r\n${dice.pick(FOREIGN)}\r\n`)])),
  ),
  text: once((dice) => insertBefore(dice.pick(['result', 'info', 'prompt', 'urc']), dice.pick(TEXTS))),
  'in pieces': during((dice) => cutInto(() => dice.from(1, 20))),
  mute: during(() => ({ send: () => [] })),
  deaf: during(() => ({ receive: () => Buffer.alloc(0) })),
  slow: during((dice) => ({ delay: () => dice.from(0, 300) })),
  unplugged: event((world, dice) => world.line.unplug(dice.pick([0, 100, 20_000]))),
  'one port lost': event((world, dice) =>
    world.line.losePort(world.anyPort(dice), 'no such device', dice.pick([100, 20_000])),
  ),
  'restart of the module': event((world) => world.restartModule()),
  'restart of the module, not told': event((world) => {
    const stop = world.module.inject({
      send: (packet) => (packet.kind === 'urc' && packet.bytes.includes('RDY') ? [] : [packet]),
    });
    world.later(LONGEST, stop);
    world.restartModule();
  }),
  'SIM out and in': event((world, dice) => world.takeSimOut(dice.from(0, 30_000))),
  'context lost': event((world) => world.loseContext()),
  'Node-RED stops and starts': event(
    (world, dice) => void world.nodeRed.restart(dice.pick([0, 1000, 20_000])),
  ),
  'Node-RED is killed and starts': event((world, dice) => world.nodeRed.kill(dice.pick([1000, 20_000]))),
  'Node-RED stands still': event((world, dice) => world.clock.skip(dice.pick([300, 5000, LONGEST]))),
  'nodes are deployed': event((world, dice) => world.nodeRed.redeploy(dice.pick([0, 500]))),
  'flow is deployed': event((world, dice) => world.nodeRed.redeployFlow(dice.pick([0, 1000]))),
  'settings are changed': event((world) => world.changeSettings()),
  'ports of servers taken': event((world, dice) => {
    world.takeServerPorts(dice.pick([1000, 20_000]));
    world.changeSettings();
  }),
  'datagrams lost': event((world, dice) => world.loseDatagrams(dice.from(1, 5))),
  'network slow': event((world, dice) => world.slowNetwork(dice.from(50, 2000))),
} satisfies Record<string, Happening>;

export type IncidentName = keyof typeof HAPPENINGS;
export const incidentNames = Object.keys(HAPPENINGS) as IncidentName[];

export function happen(name: IncidentName, world: World, dice: Dice): void {
  HAPPENINGS[name](world, dice, () => world.occurred.add(name));
}

/** Changes one byte before `end` that is no digit: that another number was meant, nobody can notice. */
function changedByte(bytes: Buffer, dice: Dice, end = bytes.length): Buffer {
  const places = [...bytes.subarray(0, end).keys()].filter(
    (at) => !/\d/.test(String.fromCharCode(bytes[at]!)),
  );
  const changed = Buffer.from(bytes);
  if (places.length > 0) changed[dice.pick(places)] = dice.pick([0x3f, 0x00, 0xff]);
  return changed;
}

/** Where the payload begins. */
function headerEnd(block: Buffer): number {
  return block.indexOf('\r\n', 2) + 2;
}

/** Calls `occurred` when the fault has changed something. */
function observed(fault: Fault, occurred: () => void): Fault {
  const seen = <T>(result: T, isChanged: boolean): T => {
    if (isChanged) occurred();
    return result;
  };
  return {
    get spent() {
      return fault.spent ?? false;
    },
    receive(bytes) {
      const taken = fault.receive?.(bytes) ?? bytes;
      return seen(taken, taken !== bytes);
    },
    delay() {
      const ms = fault.delay?.() ?? 0;
      return seen(ms, ms > 0);
    },
    send(packet) {
      const sent = fault.send?.(packet) ?? [packet];
      return seen(sent, sent.length !== 1 || !sent[0]!.bytes.equals(packet.bytes));
    },
    cut(bytes) {
      const pieces = fault.cut?.(bytes) ?? [bytes];
      return seen(pieces, pieces.length > 1);
    },
  };
}
