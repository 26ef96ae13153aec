import type { FamilyName } from './contender';
import { type FlowContender, type FlowNode, functionNode, sent, sink, source } from './node-red';

/** This driver in Node-RED. */
export function nodesFlow(root: string, commands: FamilyName, isForwarding: boolean): FlowContender {
  return {
    nodesDir: root,
    flow: (tty, port) => [
      { id: 'tab', type: 'tab', label: 'bench' },
      { id: 'modem', type: 'qfwd-modem', transport: 'serial', path: tty, baudRate: 115_200, commands },
      flowNode('server', 'qfwd-server', 'opened', {
        protocol: 'tcp',
        ipVersion: 'IP',
        port,
        backlog: 10,
        idleTimeout: 3600,
        autoOpen: true,
      }),
      functionNode('opened', `if (msg.event === 'server/open') global.get('bench').opened();`),
      flowNode('recv', 'qfwd-recv', isForwarding ? 'send' : 'sink', { from: 'node', source: 'server' }),
      sink,
      source('send'),
      flowNode('send', 'qfwd-send', 'sent', { target: 'msg', timeout: 600_000 }),
      sent,
    ],
  };
}

function flowNode(id: string, type: string, to: string, properties: object): FlowNode {
  return { id, type, z: 'tab', modem: 'modem', ...properties, wires: [[to]] };
}
