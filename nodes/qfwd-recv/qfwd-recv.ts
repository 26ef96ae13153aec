/** AT+QFWDRECV: emits what connections receive, as it arrives or on request. */
import type { Node, NodeAPI } from 'node-red';
import {
  type Connection,
  type Consumer,
  type Modem,
  noSuchSocket,
  type Peer,
  type QfwdError,
} from '../../src/modem';
import {
  type FlowNodeDef,
  followLink,
  handleInput,
  isInFlows,
  linkStatus,
  setUpNode,
  showLink,
  showStatus,
  report,
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
import { outputSettings, type Payload } from './output';

export = (RED: NodeAPI): void => {
  function QfwdRecvNode(this: Node, config: FlowNodeDef): void {
    setUpNode(RED, this, config, (modem) => {
      const mode = oneOf({ mode: 'auto', ...config }, 'mode', ['auto', 'request']);
      const topic = text(config, 'topic');
      const extra = topic === '' ? {} : { topic };
      if (mode === 'request') return readOnRequest(this, modem, config, extra);
      const isLost = config.from === 'node' && !isInFlows(RED, String(config.source));
      readAsItArrives(this, modem, config, extra, isLost);
    });
  }

  RED.nodes.registerType('qfwd-recv', QfwdRecvNode);
};

/** @param isLost the server or client to read from was deleted */
function readAsItArrives(
  node: Node,
  modem: Modem,
  config: FlowNodeDef,
  extra: object,
  isLost: boolean,
): void {
  const output = outputSettings(config);
  const covers = selectionOf(config);
  const streams = new PerConnection(() => output.createStream());
  const pause = { all: false, sockets: new Map<number, boolean>() };

  const emit = (connection: Connection, payloads: Payload[], from?: Peer): void => {
    const origin = { ...originOf(connection), ...from };
    for (const payload of payloads) {
      node.send({ ...extra, payload, ...origin, ...sessionOf(modem, origin, connection) });
    }
  };
  const consumer: Consumer = {
    mode: 'auto',
    covers,
    isPaused: ({ socketId }) => pause.sockets.get(socketId) ?? pause.all,
    take: (connection, data, from) => {
      if (connection.protocol === 'udp') return emit(connection, [output.decode(data)], from);
      emit(connection, streams.of(connection).push(data));
    },
    end: (connection) => {
      pause.sockets.delete(connection.socketId);
      emit(connection, streams.of(connection).end());
    },
    miss: (connection, error) => report(node, error, { ...originOf(connection) }),
  };
  modem.addConsumer(consumer);
  node.on('close', (done: () => void) => {
    modem.removeConsumer(consumer);
    done();
  });

  const own = () => (isLost ? 'no-source' : pause.all ? 'paused' : 'ready');
  const show = (): void => showStatus(node, linkStatus(modem.state) ?? own());
  followLink(node, modem, show);
  handleInput(node, (message) => {
    // An event of a server or client, whose output is wired to this node together with others.
    if (isEmpty(message.action) && !isEmpty(message.event)) return Promise.resolve();
    const isPause = oneOf(message, 'action', ['pause', 'resume']) === 'pause';
    if (isEmpty(message.socketId)) {
      pause.all = isPause;
      pause.sockets.clear();
    } else {
      const socketId = socketIdOf(message);
      // Otherwise a later connection with this socket id would be paused.
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
  // Data stays in the module until it is requested, even after the peer has closed.
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
  const decoders = new PerConnection(() => output.createDecoder());
  handleInput(node, async (message, send) => {
    const connection = connectionFor(message, modem);
    const length = optionalInteger(message, 'length', 1, Number.MAX_SAFE_INTEGER) ?? MAX_REQUEST;
    let lost: QfwdError | undefined;
    const { data, from } = await modem.read(connection.socketId, length, (error) => (lost = error));
    const origin = { ...originOf(connection), ...from };
    const payload =
      connection.protocol === 'udp'
        ? output.decode(data)
        : decoders.of(connection).decode(data, connection.state !== 'open' && data.length < length);
    send({ ...sessionOf(modem, origin, connection), ...message, ...extra, ...origin, payload });
    if (lost) throw lost;
  });
}

/** Maximum bytes in one message: if the peer sends without a pause, reading all data would not end. */
const MAX_REQUEST = 1024 * 1024;

/** A value for each connection, created at first use and deleted with the connection. */
class PerConnection<T> {
  private readonly made = new WeakMap<Connection, T>();

  constructor(private readonly make: () => T) {}

  of(connection: Connection): T {
    const it = this.made.get(connection) ?? this.make();
    this.made.set(connection, it);
    return it;
  }
}

/** Which connections the node reads. @throws {QfwdError} `QFWD_INVALID` */
function selectionOf(properties: Properties): (connection: Connection) => boolean {
  switch (oneOf({ from: 'any', ...properties }, 'from', ['any', 'fixed', 'node'])) {
    case 'any':
      return () => true;
    case 'fixed': {
      const wanted = integer(properties, 'socketId', 0, 65535);
      return ({ socketId }) => socketId === wanted;
    }
    case 'node': {
      const source = requiredText(properties, 'source');
      return ({ owner }) => owner === source;
    }
  }
}
