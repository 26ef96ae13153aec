/** AT+QFWDRECV: emits what connections receive, as it arrives or on request. */
import type { Node, NodeAPI } from 'node-red';
import { type Connection, type Consumer, type Modem, noSuchSocket, type QfwdError } from '../../src/modem';
import {
  type FlowNodeDef,
  followLink,
  handleInput,
  linkStatus,
  setUpNode,
  showLink,
  showStatus,
} from '../runtime/flow-node';
import { originOf, socketIdOf } from '../runtime/messages';
import { connectionFor, sessionOf } from '../runtime/session';
import {
  integer,
  isEmpty,
  oneOf,
  optionalInteger,
  type Properties,
  requiredText,
  text,
} from '../runtime/settings';
import { type Output, type OutputSettings, outputSettings, type Payload } from './output';

export = (RED: NodeAPI): void => {
  function QfwdRecvNode(this: Node, config: FlowNodeDef): void {
    setUpNode(RED, this, config, (modem) => {
      const mode = oneOf({ mode: 'auto', ...config }, 'mode', ['auto', 'request']);
      const topic = text(config, 'topic');
      (mode === 'auto' ? readAsItArrives : readOnRequest)(this, modem, config, topic === '' ? {} : { topic });
    });
  }

  RED.nodes.registerType('qfwd-recv', QfwdRecvNode);
};

function readAsItArrives(node: Node, modem: Modem, config: FlowNodeDef, extra: object): void {
  const output = outputSettings(config);
  const covers = selectionOf(config);
  const streams = new WeakMap<Connection, Output>();
  const pause = { all: false, sockets: new Map<number, boolean>() };

  const emit = (connection: Connection, payloads: Payload[]): void => {
    const origin = originOf(connection);
    for (const payload of payloads) {
      node.send({ ...extra, payload, ...origin, ...sessionOf(modem, origin, connection) });
    }
  };
  const consumer: Consumer = {
    mode: 'auto',
    covers,
    isPaused: ({ socketId }) => pause.sockets.get(socketId) ?? pause.all,
    take: (connection, data) => {
      if (connection.protocol === 'udp') return emit(connection, [output.decode(data)]);
      emit(connection, streamOf(streams, connection, output).push(data));
    },
    end: (connection) => {
      pause.sockets.delete(connection.socketId);
      emit(connection, streams.get(connection)?.end() ?? []);
    },
    miss: (connection, error) => node.error(error, { ...originOf(connection) }),
  };
  modem.addConsumer(consumer);
  node.on('close', (done: () => void) => {
    modem.removeConsumer(consumer);
    done();
  });

  const show = (): void => showStatus(node, linkStatus(modem.state) ?? (pause.all ? 'paused' : 'ready'));
  followLink(node, modem, show);
  handleInput(node, (message) => {
    const isPause = oneOf(message, 'action', ['pause', 'resume']) === 'pause';
    if (isEmpty(message.socketId)) {
      pause.all = isPause;
      pause.sockets.clear();
    } else {
      const socketId = socketIdOf(message);
      // Else a connection that does not exist yet would be held back under this id.
      if (!modem.connections().some((it) => it.socketId === socketId)) throw noSuchSocket(socketId);
      pause.sockets.set(socketId, isPause);
    }
    modem.resumeReading();
    show();
    return Promise.resolve();
  });
}

function readOnRequest(node: Node, modem: Modem, config: FlowNodeDef, extra: object): void {
  const output = outputSettings({ ...config, framing: 'stream' });
  // What nobody reads as it arrives is kept in the module for whoever asks, even after its peer has closed.
  const consumer: Consumer = {
    mode: 'onRequest',
    covers: () => true,
    isPaused: () => false,
    take: () => undefined,
    end: () => undefined,
    miss: () => undefined,
  };
  modem.addConsumer(consumer);
  node.on('close', (done: () => void) => {
    modem.removeConsumer(consumer);
    done();
  });
  showLink(node, modem);
  handleInput(node, async (message, send) => {
    const connection = connectionFor(message, modem);
    const length = optionalInteger(message, 'length', 1, Number.MAX_SAFE_INTEGER);
    const origin = originOf(connection);
    let lost: QfwdError | undefined;
    const data = await modem.read(connection.socketId, length, (error) => (lost = error));
    send({
      ...sessionOf(modem, origin, connection),
      ...message,
      ...extra,
      ...origin,
      payload: output.decode(data),
    });
    if (lost) throw lost;
  });
}

function streamOf(
  streams: WeakMap<Connection, Output>,
  connection: Connection,
  output: OutputSettings,
): Output {
  const known = streams.get(connection);
  if (known) return known;
  const fresh = output.createStream();
  streams.set(connection, fresh);
  return fresh;
}

/** Which connections the node reads. @throws {QfwdError} `QFWD_INVALID` */
function selectionOf(properties: Properties): (connection: Connection) => boolean {
  switch (oneOf({ from: 'any', ...properties }, 'from', ['any', 'fixed', 'node'])) {
    case 'any':
      return () => true;
    case 'fixed': {
      const wanted = integer(properties, 'socketId', 1, 65535);
      return ({ socketId }) => socketId === wanted;
    }
    case 'node': {
      const source = requiredText(properties, 'source');
      return ({ owner }) => owner === source;
    }
  }
}
