/** The config node: owns the modem, whose port is open while any node uses it. */
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { systemClock } from '../../src/at';
import {
  areStreamSockets,
  isFoundFamily,
  Modem,
  type ModemOptions,
  type PinMemory,
  type Profile,
  toQfwdError,
} from '../../src/modem';
import { labelsOf, type ModemNode, report } from '../runtime/flow-node';
import { asInForm, flag, type Properties, text } from '../runtime/settings';
import { inWords, learnLanguage } from '../runtime/words';
import { serveAdmin } from './admin';
import type { DeployedModem } from './deployed';
import { Deploys, type Stopping } from './deploys';
import { type Commands, familiesOf } from './families';
import { Memories } from './memories';
import { serveMetrics } from './metrics';
import { Pins } from './pins';
import { Problems } from './problems';
import { KeptValues } from './kept-values';
import { Profiles } from './profiles';
import { type Reach, reachOf } from './reach';
import { reportTo } from './report';
import { RunningModems } from './running-modems';
import { type Access, accessOf, commandsOf, type Credentials, modemOptions } from './settings';
import { traceOf } from './trace';
import { type PortTrace, portTrace } from './trace-file';
import { Users } from './users';

/** By node id. */
const deployed = new Map<string, DeployedModem>();

const running = new RunningModems();
const problems = new Problems();

const KILLED =
  'Node-RED ended without closing this modem: at most one read of up to 1024 bytes of one connection may be lost';

type Config = NodeDef & Properties;

type ConfigNode = Node<Required<Credentials>> &
  Omit<Partial<ModemNode>, 'modem'> & { modem?: Modem | undefined; users?: Users['asOne'] };

/** What the modems of a node are made from. */
interface Plan {
  readonly options: ModemOptions;
  readonly commands: Commands;
  readonly pin: PinMemory | undefined;
  readonly access: Access;
  readonly reach: Reach;
  readonly isTraced: boolean;
  /** Empty: none. */
  readonly traceFile: string;
}

export = (RED: NodeAPI): void => {
  const pins = new Pins(RED.settings.userDir);
  const profiles = new Profiles(RED.settings.userDir);
  const foundFamilies = new KeptValues(RED.settings.userDir, '.qfwd-commands.json', isFoundFamily);
  const streamSockets = new KeptValues(RED.settings.userDir, '.qfwd-streams.json', areStreamSockets, false);
  const memories = new Memories(RED.settings.userDir);
  serveAdmin(RED, deployed);
  serveMetrics(RED, deployed);
  const deploys = new Deploys(RED.events);

  function QfwdModemNode(this: ConfigNode, config: Config): void {
    RED.nodes.createNode(this, config);
    learnLanguage(RED, this);
    const { id, name = '' } = this;
    let entry: DeployedModem | undefined;
    const announce = (state: Omit<DeployedModem, 'id' | 'name'>): void => {
      entry = { id, name, ...state };
      deployed.set(id, entry);
    };
    // A deploy may have replaced the entry.
    this.on('close', () => deployed.get(id) === entry && deployed.delete(id));
    try {
      serve(this, planOf(this, config), announce);
    } catch (error) {
      const problem = asInForm(toQfwdError(error), labelsOf(RED, this));
      announce({ problem: problem.message, portName: '', paths: [] });
      // The modem with the previous settings may still run.
      this.on(
        'close',
        (removed: boolean, done: () => void) => void (removed ? remove(id) : running.rest(id)).then(done),
      );
      report(this, problem);
    }
  }

  /** Runs a modem as long as there are users. */
  function serve(
    node: ConfigNode,
    plan: Plan,
    announce: (state: Omit<DeployedModem, 'id' | 'name'>) => void,
  ): void {
    const { id } = node;
    const { reach } = plan;
    const port = { portName: reach.transport.name, paths: reach.paths };
    const users = new Users();
    const settings = JSON.stringify([
      plan.options,
      plan.commands,
      plan.access,
      plan.isTraced,
      plan.traceFile,
    ]);
    let traced: PortTrace | undefined;
    const blueprint = {
      settings,
      create: () => {
        traced = traceOfPorts(node, plan);
        return createModem(node, plan, traced);
      },
      onResting: () => memories.save(id),
      onResuming: () => memories.resume(id),
      release: (forGood: boolean) => {
        traced?.close();
        return reach.release(forGood);
      },
    };
    let unbind = (): void => undefined;
    let unlisten = (): void => undefined;
    const onStarted = (): void => {
      // Catch nodes are there from now on.
      if (!users.isEmpty) return void (unlisten = problems.listen(id, (error) => report(node, error)));
      unbind();
      node.modem = undefined;
      announce(port);
      void running.end(id, false);
    };
    const onStopping = ({ diff }: Stopping): void => {
      const ids = [id, node.z, node._alias];
      if (!ids.some((it) => it !== undefined && diff?.removed.includes(it))) return;
      // The nodes that declared these sockets stay, and are not notified.
      for (const { owner } of node.modem?.endpoints.all() ?? []) node.modem?.endpoints.release(owner, true);
    };
    const unfollow = deploys.follow({ onStarted, onStopping });
    announce(port);
    node.users = users.asOne;
    node.addUser = (user) => {
      users.add(user);
      if (node.modem) return;
      const modem = running.take(id, blueprint);
      unbind = bind(node, modem, plan);
      node.modem = modem;
      announce({ modem, ...port });
    };
    node.removeUser = (user) => users.remove(user);
    node.on('close', (removed: boolean, done: () => void) => {
      unfollow();
      // Until then, events of the modem are logged.
      void (removed ? remove(id) : running.rest(id)).then(() => {
        unbind();
        unlisten();
        done();
      });
    });
  }

  /** The node was deleted. */
  async function remove(id: string): Promise<void> {
    await running.end(id, true);
    for (const kept of [memories, profiles, foundFamilies, streamSockets]) kept.delete(id);
  }

  /** @throws {QfwdError} `QFWD_INVALID` */
  function planOf(node: ConfigNode, config: Config): Plan {
    const { id, name = '' } = node;
    const credentials = (node.credentials as Credentials | undefined) ?? {};
    const { pin } = credentials;
    if (!pin) pins.forget(id);
    const access = accessOf(config);
    return {
      options: modemOptions(config, credentials),
      commands: commandsOf(config),
      pin: pin ? pins.memoryOf(id, pin) : undefined,
      access,
      reach: reachOf({ id, name }, access),
      isTraced: flag(config, 'trace'),
      traceFile: text(config, 'traceFile').trim(),
    };
  }

  function traceOfPorts(node: ConfigNode, { options, traceFile }: Plan): PortTrace {
    return portTrace({
      file: traceFile,
      userDir: RED.settings.userDir,
      secrets: options.secretInit ?? [],
      onWarning: (warning) => node.warn(inWords(node, warning)),
    });
  }

  function createModem(node: ConfigNode, plan: Plan, traced: PortTrace): Modem {
    const { id } = node;
    const { options, commands, pin, access, reach, isTraced } = plan;
    if (memories.wasKilled(id)) node.warn(inWords(node, KILLED));
    const modem = new Modem(options, {
      id,
      transport: traced.around(reach.transport, 'usbat'),
      secondTransport: reach.secondTransport && traced.around(reach.secondTransport, 'usbmodem'),
      families: familiesOf(commands),
      clock: systemClock,
      random: () => Math.random(),
      memory: memories.take(id),
      pinMemory: pin,
      foundFamily: foundFamilies.of(id),
      streamSockets: streamSockets.of(id),
      profile: profiles.get(id, access),
      trace: traceOf(node, isTraced),
    });
    modem.on('problem', (error) => problems.tell(id, error));
    return modem;
  }

  /** Connects the node to the events of its modem. @returns disconnects it */
  function bind(node: ConfigNode, modem: Modem, { access, reach }: Plan): () => void {
    const onProfile = (profile: Profile): void => profiles.set(node.id, access, profile);
    modem.on('profile', onProfile);
    const unbind = reportTo(node, modem, reach.transport.name);
    return () => {
      modem.off('profile', onProfile);
      unbind();
    };
  }

  RED.nodes.registerType<ConfigNode, Config, object, Required<Credentials>>('qfwd-modem', QfwdModemNode, {
    credentials: {
      pin: { type: 'password' },
      secretInit: { type: 'password' },
      apnPassword: { type: 'password' },
    },
    settings: { qfwdModemMetrics: { value: false, exportable: false } },
  });
};
