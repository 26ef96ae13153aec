/** +QFWDURC and every other unsolicited result code of the module. */
import type { Node, NodeAPI } from 'node-red';
import type { Modem, SocketUrc } from '../../src/modem';
import { type FlowNodeDef, setUpNode, showLink } from '../runtime/flow-node';
import { eventMessage } from '../runtime/messages';
import { sessionOf } from '../runtime/session';
import { invalid } from '../runtime/settings';

export = (RED: NodeAPI): void => {
  function QfwdUrcNode(this: Node, config: FlowNodeDef): void {
    setUpNode(RED, this, config, (modem) => {
      const events = eventsOf(config.events);
      const onUrc = (urc: SocketUrc, raw: string): void => {
        if (events.size === 0 || events.has(urc.event)) this.send({ ...messageOf(urc, modem), raw });
      };
      modem.on('urc', onUrc);
      this.on('close', (done: () => void) => {
        modem.off('urc', onUrc);
        done();
      });
      showLink(this, modem);
    });
  }

  RED.nodes.registerType('qfwd-urc', QfwdUrcNode);
};

const EVENTS = [
  'server/open',
  'server/full',
  'client/open',
  'client/incoming',
  'client/read',
  'client/close',
  'context/lost',
  'other',
];

/** Which events to emit; all when empty. @throws {QfwdError} `QFWD_INVALID` */
function eventsOf(value: unknown): ReadonlySet<string> {
  const list: unknown = value ?? [];
  if (Array.isArray(list) && list.every((event) => EVENTS.includes(event as string)))
    return new Set(list as string[]);
  throw invalid('events', value, `a list of ${EVENTS.join(', ')}`);
}

function messageOf(urc: SocketUrc, modem: Modem): object {
  if (urc.event === 'other') return { event: urc.event, payload: urc.line };
  return { ...eventMessage(urc), ...('socketId' in urc && sessionOf(modem, urc)) };
}
