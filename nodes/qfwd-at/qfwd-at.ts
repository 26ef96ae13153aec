/** Any AT command that has no node of its own, through the same queue as all others. */
import type { Node, NodeAPI } from 'node-red';
import { answerInput, type FlowNodeDef, setUpNode } from '../runtime/flow-node';
import { invalid, optionalInteger, text } from '../runtime/settings';

export = (RED: NodeAPI): void => {
  function QfwdAtNode(this: Node, config: FlowNodeDef): void {
    setUpNode(RED, this, config, (modem) => {
      const configured = text(config, 'command');
      const timeout = optionalInteger(config, 'timeout', 100, 600_000);
      answerInput(this, modem, async ({ payload }) => {
        const command = configured === '' ? payload : configured;
        if (typeof command !== 'string') throw invalid('msg.payload', command, 'an AT command');
        return { payload: await modem.requests.raw(command, timeout) };
      });
    });
  }

  RED.nodes.registerType('qfwd-at', QfwdAtNode);
};
