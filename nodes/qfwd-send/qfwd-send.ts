/** AT+QFWDSEND: sends the payload of a message, and passes the message on after the module has accepted it. */
import type { Node, NodeAPI } from 'node-red';
import { type Connection, type Modem, type Peer, QfwdError } from '../../src/modem';
import { type FlowNodeDef, handleInput, type QfwdMessage, setUpNode, showLink } from '../runtime/flow-node';
import { toBytes } from '../runtime/payload';
import { connectionFor } from '../runtime/session';
import { flag, integer, isEmpty, oneOf, type Properties, requiredText } from '../runtime/settings';

export = (RED: NodeAPI): void => {
  function QfwdSendNode(this: Node, config: FlowNodeDef): void {
    setUpNode(RED, this, config, (modem) => {
      const settings = settingsOf(config);
      showLink(this, modem);
      handleInput(this, async (message, send) => {
        const data = toBytes(message.payload, modem.options.queueLimit);
        const targets = settings.targets(message, modem);
        const sent = await allOf(targets.map((target) => transfer(modem, target, data, settings, message)));
        const [first] = sent;
        const total = {
          bytes: sent.reduce((sum, { bytes }) => sum + bytes, 0),
          commands: sent.reduce((sum, { commands }) => sum + commands, 0),
          ms: Math.max(...sent.map(({ ms }) => ms)),
        };
        send({ ...message, sent: sent.length === 1 ? first : total });
      });
    });
  }

  RED.nodes.registerType('qfwd-send', QfwdSendNode);
};

interface Settings {
  /** The sockets a message goes to. @throws {QfwdError} */
  targets(message: QfwdMessage, modem: Modem): readonly Connection[];
  readonly confirm: boolean;
  readonly closeAfter: boolean;
  /** ms */
  readonly timeout: number;
}

function settingsOf(given: Properties): Settings {
  const properties: Properties = { target: 'msg', timeout: 30_000, ...given };
  return {
    targets: targetsOf(properties),
    confirm: flag(properties, 'confirm'),
    closeAfter: flag(properties, 'closeAfter'),
    timeout: integer(properties, 'timeout', 100, 3_600_000),
  };
}

function targetsOf(properties: Properties): Settings['targets'] {
  switch (oneOf(properties, 'target', ['msg', 'fixed', 'node'])) {
    case 'msg':
      return (message, modem) => [connectionFor(message, modem)];
    case 'fixed': {
      const socketId = integer(properties, 'socketId', 0, 65535);
      return (_message, modem) => [modem.connection(socketId)];
    }
    case 'node': {
      const source = requiredText(properties, 'source');
      return (_message, modem) => connectionsOf(source, modem);
    }
  }
}

function connectionsOf(source: string, modem: Modem): readonly Connection[] {
  const open = modem.connections().filter(({ owner, state }) => owner === source && state === 'open');
  const peers = open.filter(({ hasPeer }) => hasPeer);
  if (peers.length === 0)
    throw new QfwdError('QFWD_CLOSED', 'the chosen server or client has no open connection');
  return peers;
}

/** The peer of a message to a socket that has many. @throws {QfwdError} `QFWD_INVALID` */
function peerOf(message: QfwdMessage, { isShared }: Connection): Peer | undefined {
  if (!isShared || isEmpty(message.ip)) return undefined;
  return { ip: requiredText(message, 'ip'), port: integer(message, 'port', 1, 65535) };
}

/** Like `Promise.all`, but rejects only after all promises have settled. */
async function allOf<T>(transfers: readonly Promise<T>[]): Promise<T[]> {
  // Takes less memory for one transfer, which is the usual case: many messages may be waiting.
  const [first] = transfers;
  if (first && transfers.length === 1) return [await first];
  await Promise.allSettled(transfers);
  return Promise.all(transfers);
}

async function transfer(
  modem: Modem,
  connection: Connection,
  data: Buffer,
  settings: Settings,
  message: QfwdMessage,
) {
  const { confirm, closeAfter, timeout } = settings;
  const sent = await modem.send(connection, data, timeout, peerOf(message, connection));
  // Closing could discard data that was not delivered yet.
  if (confirm || closeAfter) {
    await modem.awaitDelivery(connection, timeout - sent.ms).catch((error: unknown) => {
      if (confirm) throw error;
    });
  }
  if (closeAfter) await modem.requests.closeConnection(connection);
  return sent;
}
