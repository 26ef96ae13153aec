import type { Exchange } from '../line/exchange';
import type { Connection } from '../sockets/connection';
import { TcpipError } from '../tcpip/errors';
import { LAST_ID, MAX_READ } from '../tcpip/family';
import { BUFFER } from '../tcpip/open-request';
import { readBlock } from '../tcpip/read-block';
import { urcs } from '../tcpip/urcs';
import type { Command, Machine } from './command';

/** AT+QIRD: received data, or with length 0 how much there was. */
export function readCommand(machine: Machine): Command {
  const { options, tcpip } = machine;
  return {
    test: `+QIRD: (0-${LAST_ID}),(0-${MAX_READ})`,
    write(exchange, args) {
      const id = args.integer(0, LAST_ID);
      const length = args.more ? args.integer(0, MAX_READ) : undefined;
      args.end();
      const connection = tcpip.sockets.connection(id);
      if (!connection || connection.state === 'opening') throw new TcpipError(567);
      if (connection.state === 'ended' && options.readEnded === 'error') throw new TcpipError(567);
      if (tcpip.requestOf(id).mode !== BUFFER) throw new TcpipError(572);
      if (length === 0) {
        const { recvUsed } = connection.figures;
        const { read } = connection.totals;
        exchange.info(`+QIRD: ${read + recvUsed},${read},${recvUsed}`);
        return;
      }
      read(machine, exchange, connection, length);
    },
  };
}

function read(
  { options, tcpip }: Machine,
  exchange: Exchange,
  connection: Connection,
  length: number | undefined,
): void {
  if (!connection.hasUnread()) {
    connection.read(0); // from now on, new data is reported again
    exchange.info('+QIRD: 0');
    return;
  }
  const isService = tcpip.requestOf(connection.id).type === 'UDP SERVICE';
  const data = take(connection, length ?? MAX_READ, tcpip.settings.isOn('udp/readmode') && !isService);
  const {
    header,
    before,
    data: wire,
  } = readBlock(`+QIRD: ${data.length}`, data, tcpip.settings, {
    from: isService && options.readAddress !== 'missing' ? connection.remote : undefined,
    quoted: options.readAddress !== 'unquoted',
  });
  if (data.length === 0) exchange.info(header);
  else if (isService && length !== undefined && options.serviceRead === 'bare')
    exchange.block('', wire, { before: '' });
  else exchange.block(header, wire, { before, after: options.readEnd === 'line' ? '\r\n' : '' });
  if (options.recvInRead && connection.hasUnread()) exchange.urc(urcs.received(connection.id));
}

/** `joins`: goes on over the end of a datagram. */
function take(connection: Connection, max: number, joins: boolean): Buffer {
  const parts = [connection.read(max) ?? Buffer.alloc(0)];
  const room = () => max - parts.reduce((sum, { length }) => sum + length, 0);
  while (joins && room() > 0 && connection.hasUnread())
    parts.push(connection.read(room()) ?? Buffer.alloc(0));
  return Buffer.concat(parts);
}
