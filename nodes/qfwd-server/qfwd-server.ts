/** AT+QFWDSEVER: keeps a server open and reports its connections. */
import type { Node, NodeAPI } from 'node-red';
import type { Modem, ServerSettings } from '../../src/modem';
import { allowList } from '../runtime/addresses';
import { runEndpointNode, socketSettings } from '../runtime/endpoint-node';
import { type FlowNodeDef, setUpNode } from '../runtime/flow-node';
import { integer, type Properties } from '../runtime/settings';
import { tlsLayer } from '../runtime/tls';

export = (RED: NodeAPI): void => {
  function QfwdServerNode(this: Node, config: FlowNodeDef): void {
    setUpNode(RED, this, config, (modem) => {
      runEndpointNode<ServerSettings>(this, {
        modem,
        config,
        settingsOf: (properties) => settingsOf(RED, properties, modem),
        declare: (settings, autoOpen, observer) =>
          modem.endpoints.declareServer(this.id, settings, autoOpen, observer),
        label: ({ port }) =>
          `:${port} · ${modem.connections().filter(({ owner, hasPeer }) => owner === this.id && hasPeer).length}`,
      });
    });
  }

  RED.nodes.registerType('qfwd-server', QfwdServerNode);
};

const DEFAULTS = { protocol: 'tcp', ipVersion: 'IP', backlog: 5, idleTimeout: 3600, maxClients: 0 };

function settingsOf(RED: NodeAPI, given: Properties, modem: Modem): ServerSettings {
  const properties: Properties = { ...DEFAULTS, ...given };
  return {
    ...socketSettings(properties, modem),
    backlog: integer(properties, 'backlog', 1, 10),
    idleTimeout: integer(properties, 'idleTimeout', 0, 65535),
    maxClients: integer(properties, 'maxClients', 0, 65535),
    allow: allowList(properties),
    layer: tlsLayer(RED, properties),
  };
}
