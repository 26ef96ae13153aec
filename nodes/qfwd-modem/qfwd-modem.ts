/** The config node: owns the modem. It opens the port when flows start, and closes it when it is closed itself. */
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { systemClock, type Transport, within } from '../../src/at';
import {
  type Counters,
  type JournalEntry,
  type LinkState,
  Modem,
  type ModemMemory,
  newMemory,
  toQfwdError,
} from '../../src/modem';
import { inProcessTransport, serialTransport, tcpTransport } from '../../src/transport';
import { labelsOf, type ModemNode } from '../runtime/flow-node';
import { asInForm, flag, type Properties } from '../runtime/settings';
import { serveAdmin } from './admin';
import type { DeployedModem } from './deployed';
import { families } from './families';
import { Profiles } from './profiles';

import { type PinMemory, Pins } from './pins';
import { type Access, accessOf, modemOptions } from './settings';
import { simulatorOf, switchOff } from './simulators';

/** By node id. */
const deployed = new Map<string, DeployedModem>();

/** By config node, what its modem leaves to the next one. */
const memories = new Map<string, ModemMemory>();

/** Node-RED gives up after 15 s; a port that the operating system does not let go of must not make it wait so long. */
const CLOSE_LIMIT = 12_000;

type Config = NodeDef & Properties;

interface Credentials {
  readonly pin: string;
}

type ConfigNode = Node<Credentials> &
  Omit<Partial<ModemNode>, 'modem'> & {
    modem?: Modem;
    counters?: Readonly<Counters>;
    users?: Record<string, Node>;
  };

interface Reach {
  readonly transport: Transport;
  readonly secondTransport?: Transport | undefined;
  /** The ttys it uses. */
  readonly paths: readonly string[];
  /** The node is closed, for good when it was deleted. */
  release(forGood: boolean): Promise<void>;
}

interface Made {
  readonly modem: Modem;
  readonly access: Access;
  readonly reach: Reach;
  /** Of the PIN that may be entered. */
  readonly pin: PinMemory | undefined;
}

export = (RED: NodeAPI): void => {
  const pins = new Pins(RED.settings.userDir);
  const profiles = new Profiles(RED.settings.userDir);
  serveAdmin(RED, deployed);

  function QfwdModemNode(this: ConfigNode, config: Config): void {
    RED.nodes.createNode(this, config);
    const users: Record<string, Node> = {};
    // Node-RED shows errors and states of a config node at the nodes that it finds here.
    this.users = users;
    this.addUser = (node) => (users[node.id] = node);
    this.removeUser = (node) => Reflect.deleteProperty(users, node.id);

    const { id, name } = this;
    const known = { id, name: name ?? '' };
    const announce = (state: Omit<DeployedModem, 'id' | 'name'>): void => {
      const entry = { ...known, ...state };
      deployed.set(id, entry);
      // A deploy may have put another one in its place.
      this.on('close', () => deployed.get(id) === entry && deployed.delete(id));
    };
    let made: Made;
    try {
      made = makeModem(this, config);
    } catch (error) {
      const problem = asInForm(toQfwdError(error), labelsOf(RED, this));
      announce({ problem: problem.message, portName: '', paths: [] });
      this.error(problem, {});
      return;
    }
    const { modem, access, reach, pin } = made;
    this.modem = modem;
    this.counters = modem.counters;
    announce({ modem, portName: reach.transport.name, paths: reach.paths });
    modem.on('pinRefused', () => pin?.noteRefused());
    modem.on('profile', (profile) => profiles.set(this.id, access, profile));
    reportTo(this, modem, reach.transport.name);
    // The nodes that use the modem are made after it, and declare their servers and clients as they are.
    const starting = setImmediate(() => modem.start());
    this.on('close', (removed: boolean, done: () => void) => {
      clearImmediate(starting);
      if (removed) for (const memory of [memories, profiles]) memory.delete(this.id);
      const closing = modem.stop().then(() => reach.release(removed));
      void within(systemClock, CLOSE_LIMIT, closing)
        .catch(() => undefined)
        .then(() => done());
    });
  }

  /** @throws {QfwdError} `QFWD_INVALID` */
  function makeModem(node: ConfigNode, config: Config): Made {
    const { id } = node;
    const pin = (node.credentials as Partial<Credentials> | undefined)?.pin;
    if (!pin) pins.forget(id);
    const memory = pin ? pins.memoryOf(id, pin) : undefined;
    const options = modemOptions(config, memory && memory.state !== 'usable' ? undefined : pin);
    const access = accessOf(config);
    const reach = reachOf(id, access);
    const modem = new Modem(options, {
      id,
      transport: reach.transport,
      secondTransport: reach.secondTransport,
      families,
      clock: systemClock,
      random: () => Math.random(),
      memory: memoryOf(id),
      profile: profiles.get(id, access),
      trace: flag(config, 'trace') ? traceTo(node) : undefined,
    });
    return { modem, access, reach, pin: memory };
  }

  RED.nodes.registerType<ConfigNode, Config, object, Credentials>('qfwd-modem', QfwdModemNode, {
    credentials: { pin: { type: 'password' } },
  });
};

function memoryOf(id: string): ModemMemory {
  const memory = memories.get(id) ?? newMemory();
  memories.set(id, memory);
  return memory;
}

function reachOf(id: string, access: Access): Reach {
  const { second } = access;
  const secondTransport = second && serialTransport(second);
  const paths = second ? [second.path] : [];
  const release = (): Promise<void> => Promise.resolve();
  if (access.transport !== 'simulator') void switchOff(id);
  switch (access.transport) {
    case 'serial':
      return {
        transport: serialTransport(access.port),
        secondTransport,
        paths: [access.port.path, ...paths],
        release,
      };
    case 'tcp':
      return { transport: tcpTransport(access), secondTransport, paths, release };
    case 'simulator': {
      const simulator = simulatorOf(id, access.options);
      return {
        transport: inProcessTransport('the simulator', () => simulator.attach('usbat')),
        // Whatever it is called: a simulated module has no ttys.
        secondTransport: second && inProcessTransport('its modem port', () => simulator.attach('usbmodem')),
        paths: [],
        release: (forGood) => simulator.release(forGood),
      };
    }
  }
}

const SIGNS = { out: '>', in: '<', note: '!' } as const;

function traceTo(node: Node): (direction: JournalEntry['direction'], text: string) => void {
  return (direction, text) => node.log(`${SIGNS[direction]} ${text}`);
}

/** Says in the log what changes, and nothing twice. */
function reportTo(node: Node, modem: Modem, name: string): void {
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
