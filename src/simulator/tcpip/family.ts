import type { PortName, SimulatorOptions } from '../options';
import type { Connection } from '../sockets/connection';
import type { SocketFamily } from '../sockets/family';
import { BUFFER, PUSH, TRANSPARENT } from './open-request';
import { readBlock } from './read-block';
import type { TcpipStack } from './stack';
import { urcs } from './urcs';

export const LAST_ID = 11;
/** The most that one read, or one URC with data, carries. */
export const MAX_READ = 1500;

/** The sockets of AT+QIOPEN. */
export function tcpipFamily(options: SimulatorOptions, stack: TcpipStack): SocketFamily {
  const ids = Array.from({ length: LAST_ID + 1 }, (_, id) => id);
  if (options.incomingIds === 'downward') ids.reverse();

  const push = (connection: Connection, port: PortName): void => {
    const { type } = stack.requestOf(connection.id);
    while (connection.hasUnread()) {
      const data = connection.read(MAX_READ) ?? Buffer.alloc(0);
      const from = type === 'UDP SERVICE' ? connection.remote : undefined;
      const block = readBlock(urcs.received(connection.id, data.length), data, stack.settings, { from });
      stack.urc(port, `${block.header}${block.before}${block.data.toString('latin1')}`);
    }
  };

  return {
    results: 'quectel',
    freesEnded: false,
    rearms: options.recvLatch,
    keepsRest: options.datagramRest === 'kept',
    acceptedId: () => ids.find((id) => !stack.has(id)),
    accepted({ id, serverId = 0, remote, urcPort }) {
      const listener = stack.requestOf(serverId);
      const mode = options.incomingMode === 'inherited' ? listener.mode : BUFFER;
      stack.requests.set(id, { ...listener, id, type: 'TCP INCOMING', mode });
      stack.urc(urcPort, urcs.incoming(id, serverId, remote));
    },
    refused: (urcPort) => stack.urc(urcPort, urcs.full),
    received(connection, again) {
      const { id, urcPort, figures } = connection;
      if (stack.sockets.get(id) !== connection) return; // closed, and what it was sent is still on its way
      const { mode } = stack.requestOf(id);
      if (mode === PUSH) push(connection, urcPort);
      else if (mode === TRANSPARENT) stack.dataLines.get(id)?.receive();
      else if (!again) {
        const length = stack.settings.isOn('recvind') ? figures.recvUsed : undefined;
        stack.urc(urcPort, urcs.received(id, length), options.promptUrcs);
      }
    },
    ended(connection) {
      if (stack.requestOf(connection.id).mode === TRANSPARENT) {
        stack.dataLines.get(connection.id)?.end();
        return;
      }
      if (stack.settings.isOn('passiveclosed')) connection.close();
      stack.urc(connection.urcPort, urcs.closed(connection.id));
    },
  };
}
