/** AT+QFWDCLOSE: closes a socket, a server with or without its connections. */
import type { Node, NodeAPI } from 'node-red';
import { answerInput, type FlowNodeDef, setUpNode } from '../runtime/flow-node';
import { socketIdFrom } from '../runtime/session';
import { flag } from '../runtime/settings';

export = (RED: NodeAPI): void => {
  function QfwdCloseNode(this: Node, config: FlowNodeDef): void {
    setUpNode(RED, this, config, (modem) => {
      const target = socketIdFrom(config, modem);
      const accepted = flag(config, 'accepted');
      answerInput(this, modem, async (message) => {
        await modem.requests.close(target(message), accepted);
        return {};
      });
    });
  }

  RED.nodes.registerType('qfwd-close', QfwdCloseNode);
};
