/** What the server and the client node have in common: a declared endpoint, its events, and opening and closing it. */
import type { Node } from 'node-red';
import {
  type Endpoint,
  type EndpointObserver,
  type EndpointSettings,
  type Modem,
  QfwdError,
  type SocketEvent,
  URC_PORTS,
} from '../../src/modem';
import { type FlowNodeDef, followLink, handleInput, type QfwdMessage, report, showStatus } from './flow-node';
import { endpointStatus } from './endpoint-status';
import { eventMessage } from './messages';
import { sessionOf } from './session';
import { inWords } from './words';
import { flag, integer, oneOf, optionalInteger, optionalOneOf, type Properties } from './settings';

interface EndpointNode<Settings extends EndpointSettings> {
  readonly modem: Modem;
  readonly config: FlowNodeDef;
  /** @throws {QfwdError} `QFWD_INVALID` */
  settingsOf(properties: Properties): Settings;
  declare(settings: Settings, autoOpen: boolean, observer: EndpointObserver): Endpoint<Settings>;
  /** Status text while it is open; if missing, the name of the state. */
  label(settings: Settings): string | undefined;
}

export function runEndpointNode<Settings extends EndpointSettings>(
  node: Node,
  its: EndpointNode<Settings>,
): void {
  const { modem, config } = its;
  let settings = its.settingsOf(config);
  const show = (): void => {
    const status = endpointStatus(modem.state, endpoint.state, endpoint.lastFailure?.error);
    if (status) showStatus(node, status);
    else if (settings.layer) showStatus(node, 'secured', secured(its.label(settings)));
    else showStatus(node, 'connected', its.label(settings));
  };
  const observer: EndpointObserver = {
    onEvent: (event) => {
      node.send({ ...sessionOf(modem, event), ...eventMessage(eventInWords(node, event)) });
      show();
    },
    onState: () => show(),
    onError: (error) => {
      // A Catch node keeps the error out of the log.
      node.log(inWords(node, `it is not open and is tried again: ${error.message}`));
      report(node, error);
    },
  };
  const endpoint = its.declare(settings, flag({ autoOpen: true, ...config }, 'autoOpen'), observer);
  node.on('close', (removed: boolean, done: () => void) => {
    modem.endpoints.release(node.id, removed);
    done();
  });
  followLink(node, modem, show);

  const act = async (message: QfwdMessage): Promise<SocketEvent | undefined> => {
    const action = oneOf(message, 'action', ['open', 'close']);
    if (action === 'close') return endpoint.close();
    settings = its.settingsOf({ ...config, ...overridesOf(message.payload) });
    return endpoint.open(settings);
  };
  handleInput(node, async (message, send) => {
    const event = await act(message);
    if (event) send({ ...sessionOf(modem, event), ...message, ...eventMessage(event) });
    show();
  });
}

/** The reason of a failure is for people; that of a close is one of a few names. */
function eventInWords(node: Node, event: SocketEvent): SocketEvent {
  const isFailure = event.event === 'server/failed' || event.event === 'client/failed';
  return isFailure ? { ...event, reason: inWords(node, event.reason) } : event;
}

function secured(label: string | undefined): string | undefined {
  return label && `${label} · TLS`;
}

/** The settings that servers and clients have in common. @throws {QfwdError} `QFWD_INVALID` */
export function socketSettings(properties: Properties, { options }: Modem) {
  return {
    socketId: optionalInteger(properties, 'socketId', 0, 65535),
    protocol: oneOf(properties, 'protocol', ['tcp', 'udp']),
    ipVersion: oneOf(properties, 'ipVersion', ['IP', 'IPV6']),
    port: integer(properties, 'port', 1, 65535),
    pdpCid: optionalInteger(properties, 'pdpCid', 0, 16) ?? options.pdpCid,
    urcPort: optionalOneOf(properties, 'urcPort', URC_PORTS) ?? options.urcPort,
  };
}

/** Settings in `msg.payload`. Strings, numbers and other primitive values are ignored: they do not hold settings. */
function overridesOf(payload: unknown): Properties {
  if (typeof payload !== 'object' || payload === null) return {};
  if (Array.isArray(payload) || Buffer.isBuffer(payload)) {
    throw new QfwdError(
      'QFWD_INVALID',
      'msg.payload must be an object with settings, such as {"port": 2021}, or empty',
    );
  }
  return payload as Properties;
}
