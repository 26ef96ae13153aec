/** Forwards a port: inward to a host of this computer's network, outward to one beyond the module, or as an HTTP proxy. */
import type { Node, NodeAPI } from 'node-red';
import {
  type Forward,
  type ForwardEvent,
  type ForwardHost,
  Inward,
  isLoopback,
  Outward,
  Proxy,
} from '../../src/forward';
import { type EndpointState, type Modem, QfwdError } from '../../src/modem';
import { allowList, hostOf } from '../runtime/addresses';
import {
  type FlowNodeDef,
  followLink,
  handleInput,
  linkStatus,
  report,
  setUpNode,
  showStatus,
} from '../runtime/flow-node';
import { eventMessage } from '../runtime/messages';
import { sessionOf } from '../runtime/session';
import { flag, integer, oneOf, optionalInteger, type Properties } from '../runtime/settings';
import { inWords } from '../runtime/words';

export = (RED: NodeAPI): void => {
  function QfwdForwardNode(this: Node, config: FlowNodeDef): void {
    setUpNode(RED, this, config, (modem) => runForward(this, modem, { ...DEFAULTS, ...config }));
  }

  RED.nodes.registerType('qfwd-forward', QfwdForwardNode);
};

const DEFAULTS = {
  mode: 'inward',
  listenHost: '127.0.0.1',
  ipVersion: 'IP',
  maxClients: 0,
  idleTimeout: 600,
  autoOpen: true,
};

const OPEN_PROXY =
  'a proxy that everyone who reaches this computer could use: fill in allow, with 0.0.0.0/0 for everyone, ' +
  'or listen on 127.0.0.1';

interface Plan {
  create(host: ForwardHost): Forward;
  /** The listening port, for the status. */
  readonly label: string;
  /** Whoever reaches this computer may use it. */
  readonly isExposed: boolean;
}

function runForward(node: Node, modem: Modem, config: Properties): void {
  const plan = planOf(config, modem);
  let state: EndpointState = 'closed';
  const show = (): void => {
    const link = linkStatus(modem.state);
    if (link) showStatus(node, link);
    else if (state === 'open') showStatus(node, 'connected', `${plan.label} · ${forward.count}`);
    else showStatus(node, state === 'waiting' ? 'retrying' : state);
  };
  const messageOf = (event: ForwardEvent) => ({ ...sessionOf(modem, event), ...eventMessage(event) });
  const forward = plan.create({
    modem,
    owner: node.id,
    observer: {
      onEvent: (event) => {
        node.send(messageOf(event));
        show();
      },
      onState: (next) => {
        state = next;
        show();
      },
      onError: (error) => report(node, error),
    },
  });
  if (plan.isExposed) {
    const warning = `${plan.label} is open to everyone who reaches this computer: fill in whom to allow, or listen on 127.0.0.1`;
    node.warn(inWords(node, warning));
  }
  node.on('close', (removed: boolean, done: () => void) => {
    void forward.stop(removed).finally(done);
  });
  followLink(node, modem, show);
  handleInput(node, async (message, send) => {
    const isClose = oneOf(message, 'action', ['open', 'close']) === 'close';
    const event = await (isClose ? forward.close() : forward.open());
    if (event) send({ ...message, ...messageOf(event) });
    show();
  });
}

/** @throws {QfwdError} `QFWD_INVALID` */
function planOf(properties: Properties, { options }: Modem): Plan {
  const common = {
    listenPort: integer(properties, 'listenPort', 1, 65535),
    ipVersion: oneOf(properties, 'ipVersion', ['IP', 'IPV6']),
    pdpCid: optionalInteger(properties, 'pdpCid', 0, 16) ?? options.pdpCid,
    urcPort: options.urcPort,
    allow: allowList(properties),
    maxClients: integer(properties, 'maxClients', 0, 65535),
    idleTimeout: integer(properties, 'idleTimeout', 0, 1_000_000) * 1000,
  };
  const autoOpen = flag(properties, 'autoOpen');
  const mode = oneOf(properties, 'mode', ['inward', 'outward', 'proxy']);
  const target = () => ({ host: hostOf(properties), port: integer(properties, 'port', 1, 65535) });
  if (mode === 'inward') {
    const settings = { ...common, ...target() };
    const label = `:${settings.listenPort}`;
    return { create: (host) => new Inward(host, settings, autoOpen), label, isExposed: false };
  }
  const listenHost = hostOf(properties, 'listenHost');
  const isLocal = isLoopback(listenHost);
  const shown = {
    label: `${isLocal ? '' : listenHost}:${common.listenPort}`,
    isExposed: !isLocal && common.allow.isEmpty,
  };
  if (mode === 'proxy') {
    if (shown.isExposed) throw new QfwdError('QFWD_INVALID', OPEN_PROXY);
    const settings = { ...common, listenHost };
    return { create: (host) => new Proxy(host, settings, autoOpen), ...shown };
  }
  const settings = { ...common, ...target(), listenHost };
  return { create: (host) => new Outward(host, settings, autoOpen), ...shown };
}
