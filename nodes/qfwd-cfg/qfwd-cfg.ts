/** AT+QFWDCFG: reads or sets the URC port of a socket. */
import type { Node, NodeAPI } from 'node-red';
import { URC_PORTS } from '../../src/modem';
import { answerInput, type FlowNodeDef, setUpNode } from '../runtime/flow-node';
import { socketIdFrom } from '../runtime/session';
import { optionalOneOf } from '../runtime/settings';

export = (RED: NodeAPI): void => {
  function QfwdCfgNode(this: Node, config: FlowNodeDef): void {
    setUpNode(RED, this, config, (modem) => {
      const target = socketIdFrom(config, modem);
      const configured = optionalOneOf(config, 'urcPort', URC_PORTS);
      answerInput(this, modem, async (message) => {
        const socketId = target(message);
        const wanted = optionalOneOf(message, 'urcPort', URC_PORTS) ?? configured;
        if (wanted) await modem.requests.setUrcPort(socketId, wanted);
        const urcPort = wanted ?? (await modem.requests.urcPort(socketId));
        return { socketId, payload: { socketId, urcPort } };
      });
    });
  }

  RED.nodes.registerType('qfwd-cfg', QfwdCfgNode);
};
