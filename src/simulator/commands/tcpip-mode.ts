import type { Exchange } from '../line/exchange';
import type { Connection } from '../sockets/connection';
import { DataLine } from '../tcpip/data-line';
import { TcpipError } from '../tcpip/errors';
import { LAST_ID } from '../tcpip/family';
import { TRANSPARENT } from '../tcpip/open-request';
import type { Command, Machine } from './command';

/** AT+QISWTMD: changes the access mode of a connection. */
export function modeCommand(machine: Machine): Command {
  return {
    test: `+QISWTMD: (0-${LAST_ID}),(0-2)`,
    write(exchange, args) {
      const id = args.integer(0, LAST_ID);
      const mode = args.integer(0, TRANSPARENT);
      args.end();
      if (mode === TRANSPARENT) goOnline(machine, exchange, id);
      else machine.tcpip.setMode(connectionOf(machine, id).id, mode);
    },
  };
}

/** ATO: back to the connection that the host has left with the escape sequence. */
export function returnCommand(machine: Machine): Command {
  return {
    execute(exchange) {
      const { escaped } = machine.tcpip;
      if (escaped === undefined) throw new TcpipError(572);
      goOnline(machine, exchange, escaped);
    },
  };
}

/** Ends a command with CONNECT: from then on, the port carries the data of this connection. */
export function goOnline(machine: Machine, exchange: Exchange, id: number): void {
  const { tcpip } = machine;
  const connection = connectionOf(machine, id);
  if (connection.state !== 'open') throw new TcpipError(567);
  tcpip.setMode(id, TRANSPARENT);
  const line = new DataLine(tcpip, connection, exchange);
  exchange.after(() => line.start());
  exchange.result('CONNECT');
}

function connectionOf({ tcpip }: Machine, id: number): Connection {
  const connection = tcpip.sockets.connection(id);
  if (!connection) throw new TcpipError(567);
  return connection;
}
