/** Who is connected, which servers and clients there are (AT+QFWDSTATE, AT+QFWDSEVER?, AT+QFWDCLIENT?), or the state of the modem. */
import type { Node, NodeAPI } from 'node-red';
import { answerInput, type FlowNodeDef, setUpNode } from '../runtime/flow-node';
import { told } from '../runtime/messages';
import { socketIdFrom } from '../runtime/session';
import { oneOf } from '../runtime/settings';

export = (RED: NodeAPI): void => {
  function QfwdStateNode(this: Node, config: FlowNodeDef): void {
    setUpNode(RED, this, config, (modem) => {
      const scope = oneOf({ scope: 'server', ...config }, 'scope', ['server', 'servers', 'clients', 'modem']);
      const target = scope === 'server' ? socketIdFrom(config, modem) : undefined;
      answerInput(this, modem, async (message) => {
        if (target) {
          const socketId = target(message);
          return { socketId, payload: (await modem.requests.connectionsOf(socketId)).map(told) };
        }
        if (scope === 'modem') return { payload: await modem.status() };
        const rows = await (scope === 'servers' ? modem.requests.servers() : modem.requests.clients());
        return { payload: rows.map((row) => told<object>(row)) };
      });
    });
  }

  RED.nodes.registerType('qfwd-state', QfwdStateNode);
};
