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
import { loseNextSent } from '../support/modem/faults';
import type { Dice } from './dice';
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

function once(fault: (dice: Dice) => Fault) {
  return (world: World, dice: Dice): void => {
    const stop = world.module.inject(fault(dice), world.anyPort(dice));
    world.later(LONGEST, stop);
  };
}

function during(fault: (dice: Dice) => Fault) {
  return (world: World, dice: Dice): void => {
    const stop = world.module.inject(fault(dice), world.anyPort(dice));
    world.later(dice.pick([300, 5000, LONGEST]), stop);
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
  chatter: once((dice) => insertBefore(dice.pick(['result', 'info', 'prompt', 'urc']), dice.pick(CHATTER))),
  text: once((dice) => insertBefore(dice.pick(['result', 'info', 'prompt', 'urc']), dice.pick(TEXTS))),
  'in pieces': during((dice) => cutInto(() => dice.from(1, 20))),
  mute: during(() => ({ send: () => [] })),
  deaf: during(() => ({ receive: () => Buffer.alloc(0) })),
  slow: during((dice) => ({ delay: () => dice.from(0, 300) })),
  unplugged: (world, dice) => world.unplug(dice.pick([0, 100, 20_000])),
  'one port lost': (world, dice) => world.losePort(world.anyPort(dice), dice.pick([100, 20_000])),
  'restart of the module': (world) => void world.restart(),
  'restart of the module, not told': (world) => {
    const stop = world.module.inject({
      send: (packet) => (packet.kind === 'urc' && packet.bytes.includes('RDY') ? [] : [packet]),
    });
    world.later(LONGEST, stop);
    void world.restart();
  },
  'SIM out and in': (world, dice) => {
    world.module.ejectSim();
    world.later(dice.from(0, 30_000), () => world.module.insertSim());
  },
  'context lost': (world) => world.loseContext(),
  'Node-RED stops and starts': (world, dice) => void world.restartModem(dice.pick([0, 1000, 20_000])),
  'nodes are deployed': (world, dice) => world.redeploy(dice.pick([0, 500])),
  'flow is deployed': (world, dice) => world.redeployFlow(dice.pick([0, 1000])),
  'settings are changed': (world) => world.changeSettings(),
  'datagrams lost': (world, dice) => world.loseDatagrams(dice.from(1, 5)),
  'network slow': (world, dice) => world.slowNetwork(dice.from(50, 2000)),
} satisfies Record<string, (world: World, dice: Dice) => void>;

export type IncidentName = keyof typeof HAPPENINGS;
export const incidentNames = Object.keys(HAPPENINGS) as IncidentName[];

export function happen(name: IncidentName, world: World, dice: Dice): void {
  HAPPENINGS[name](world, dice);
}
