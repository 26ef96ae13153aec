/** AT+QFWDACK: the queue levels of a socket. */
import type { Node, NodeAPI } from 'node-red';
import { answerInput, type FlowNodeDef, setUpNode } from '../runtime/flow-node';
import { socketIdFrom } from '../runtime/session';

export = (RED: NodeAPI): void => {
  function QfwdAckNode(this: Node, config: FlowNodeDef): void {
    setUpNode(RED, this, config, (modem) => {
      const target = socketIdFrom(config, modem);
      answerInput(this, modem, async (message) => {
        const socketId = target(message);
        return { socketId, payload: await modem.requests.queueFigures(socketId) };
      });
    });
  }

  RED.nodes.registerType('qfwd-ack', QfwdAckNode);
};
