/** AT+QFWDCLIENT: keeps a client connected and reports its connection events. */
import type { Node, NodeAPI } from 'node-red';
import type { ClientSettings, Modem } from '../../src/modem';
import { hostOf } from '../runtime/addresses';
import { runEndpointNode, socketSettings } from '../runtime/endpoint-node';
import { type FlowNodeDef, setUpNode } from '../runtime/flow-node';
import { flag, type Properties } from '../runtime/settings';
import { tlsLayer } from '../runtime/tls';

export = (RED: NodeAPI): void => {
  function QfwdClientNode(this: Node, config: FlowNodeDef): void {
    setUpNode(RED, this, config, (modem) => {
      runEndpointNode<ClientSettings>(this, {
        modem,
        config,
        settingsOf: (properties) => settingsOf(RED, properties, modem),
        declare: (settings, autoOpen, observer) =>
          modem.endpoints.declareClient(this.id, settings, autoOpen, observer),
        label: () => undefined,
      });
    });
  }

  RED.nodes.registerType('qfwd-client', QfwdClientNode);
};

const DEFAULTS = { protocol: 'tcp', ipVersion: 'IP', reconnect: true };

function settingsOf(RED: NodeAPI, given: Properties, modem: Modem): ClientSettings {
  const properties: Properties = { ...DEFAULTS, ...given };
  const host = hostOf(properties);
  return {
    ...socketSettings(properties, modem),
    host,
    layer: tlsLayer(RED, properties, host),
    reconnect: flag(properties, 'reconnect'),
  };
}
