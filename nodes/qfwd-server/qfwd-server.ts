/** AT+QFWDSEVER: keeps a server open and reports its connections. */
import type { Node, NodeAPI } from 'node-red';
import { AllowList, type Modem, type ServerSettings } from '../../src/modem';
import { runEndpointNode, socketSettings } from '../runtime/endpoint-node';
import { type FlowNodeDef, setUpNode } from '../runtime/flow-node';
import { integer, invalid, type Properties } from '../runtime/settings';

export = (RED: NodeAPI): void => {
  function QfwdServerNode(this: Node, config: FlowNodeDef): void {
    setUpNode(RED, this, config, (modem) => {
      runEndpointNode<ServerSettings>(this, {
        modem,
        config,
        settingsOf: (properties) => settingsOf(properties, modem),
        declare: (settings, autoOpen, observer) => modem.declareServer(this.id, settings, autoOpen, observer),
        label: ({ port }) =>
          `:${port} · ${modem.connections().filter(({ owner, hasPeer }) => owner === this.id && hasPeer).length}`,
      });
    });
  }

  RED.nodes.registerType('qfwd-server', QfwdServerNode);
};

const DEFAULTS = { protocol: 'tcp', ipVersion: 'IP', backlog: 5, idleTimeout: 3600, maxClients: 0 };

function settingsOf(given: Properties, modem: Modem): ServerSettings {
  const properties: Properties = { ...DEFAULTS, ...given };
  return {
    ...socketSettings(properties, modem),
    backlog: integer(properties, 'backlog', 1, 10),
    idleTimeout: integer(properties, 'idleTimeout', 0, 65535),
    maxClients: integer(properties, 'maxClients', 0, 65535),
    allow: allowed(properties.allow),
  };
}

/** Addresses and CIDR blocks, separated by commas or white space, or as an array. */
function allowed(allow: unknown): AllowList {
  const entries: unknown = typeof allow === 'string' ? allow.split(/[\s,]+/) : (allow ?? []);
  if (!Array.isArray(entries) || !entries.every((entry) => typeof entry === 'string')) {
    throw invalid('allow', allow, 'text or an array of text');
  }
  return new AllowList(entries.filter((entry) => entry !== ''));
}
