/** AT+QFWDCLIENT: keeps a client connected and tells when it is. */
import type { Node, NodeAPI } from 'node-red';
import { type ClientSettings, type Modem, URC_PORTS } from '../../src/modem';
import { runEndpointNode } from '../runtime/endpoint-node';
import { type FlowNodeDef, setUpNode } from '../runtime/flow-node';
import {
  flag,
  integer,
  invalid,
  oneOf,
  optionalInteger,
  optionalOneOf,
  type Properties,
  requiredText,
} from '../runtime/settings';

export = (RED: NodeAPI): void => {
  function QfwdClientNode(this: Node, config: FlowNodeDef): void {
    setUpNode(RED, this, config, (modem) => {
      runEndpointNode<ClientSettings>(this, {
        modem,
        config,
        settingsOf: (properties) => settingsOf(properties, modem),
        declare: (settings, autoOpen, observer) => modem.declareClient(this.id, settings, autoOpen, observer),
        label: () => undefined,
      });
    });
  }

  RED.nodes.registerType('qfwd-client', QfwdClientNode);
};

const DEFAULTS = { protocol: 'tcp', ipVersion: 'IP', reconnect: true };

function settingsOf(given: Properties, { options }: Modem): ClientSettings {
  const properties: Properties = { ...DEFAULTS, ...given };
  return {
    socketId: optionalInteger(properties, 'socketId', 1, 65535),
    protocol: oneOf(properties, 'protocol', ['tcp', 'udp']),
    ipVersion: oneOf(properties, 'ipVersion', ['IP', 'IPV6']),
    host: hostOf(properties),
    port: integer(properties, 'port', 1, 65535),
    pdpCid: optionalInteger(properties, 'pdpCid', 0, 16) ?? options.pdpCid,
    urcPort: optionalOneOf(properties, 'urcPort', URC_PORTS) ?? options.urcPort,
    reconnect: flag(properties, 'reconnect'),
  };
}

/** An address or a domain name; nothing in it may end the command line that it is going to stand in. */
function hostOf(properties: Properties): string {
  const host = requiredText(properties, 'host');
  if (/[\s"\p{Cc}]/u.test(host)) throw invalid('host', host, 'an address or a domain name');
  return host;
}
