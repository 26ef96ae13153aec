import type { Exchange } from '../line/exchange';
import type { Endpoint } from '../sockets/address';
import { Connection } from '../sockets/connection';
import type { Server } from '../sockets/server';
import { TcpipError } from '../tcpip/errors';
import { LAST_ID } from '../tcpip/family';
import type { OpenRequest } from '../tcpip/open-request';
import { urcs } from '../tcpip/urcs';
import type { Command, Machine } from './command';

const ID = [0, LAST_ID] as const;
const BY_CONTEXT = 0;
const BY_ID = 1;
const CLOSE_TIMEOUT = 10;

/** AT+QISTATE */
export function stateCommand(machine: Machine): Command {
  const { options, tcpip } = machine;
  const list = (exchange: Exchange, isWanted: (id: number) => boolean = () => true) =>
    tcpip.listed
      .filter((id) => isWanted(id))
      .forEach((id) => exchange.info(`+QISTATE: ${describe(machine, id)}`));
  return {
    test: '',
    read: (exchange) => list(exchange),
    execute: (exchange) => list(exchange),
    write(exchange, args) {
      const by = args.integer(BY_CONTEXT, BY_ID);
      const value = by === BY_ID ? args.integer(...ID) : args.integer(1, options.contexts);
      args.end();
      list(exchange, (id) => (by === BY_ID ? id : tcpip.requestOf(id).context) === value);
    },
  };
}

/** `<id>,"<type>","<ip>",<rport>,<lport>,<state>,<context>,<server>,<mode>,"<port>"` */
function describe({ options, tcpip }: Machine, id: number): string {
  const request = tcpip.requestOf(id);
  const socket = tcpip.sockets.get(id);
  const { type, context, mode } = request;
  const remote = remoteOf(ownAddress(tcpip, context), request, socket);
  return [
    id,
    `"${type}"`,
    `"${remote.address}"`,
    remote.port,
    localPortOf(request, socket, options.stateLocalPort),
    stateOf(socket, options.state),
    context,
    serverOf(socket) ?? (options.stateServer === 'own' ? id : 0),
    mode,
    `"${tcpip.urcPort(request.port)}"`,
  ].join(',');
}

/** A socket of AT+QIOPEN; undefined while it is opening. */
type OneSocket = Server | Connection | undefined;

/** What waits for peers tells the address of the module. */
function remoteOf(own: string, { type, host, remotePort }: OpenRequest, socket: OneSocket): Endpoint {
  const isPassive = type === 'TCP LISTENER' || type === 'UDP SERVICE';
  if (socket instanceof Connection && !isPassive) return socket.remote;
  return { address: isPassive ? own : host, port: remotePort };
}

const ownAddress = ({ contexts }: Machine['tcpip'], context: number): string =>
  contexts.addresses(context)[0] ?? '';

function localPortOf(
  { localPort }: OpenRequest,
  socket: OneSocket,
  told: Machine['options']['stateLocalPort'],
): number {
  if (told === 'zero') return 0;
  return told === 'real' && socket instanceof Connection ? socket.local.port : localPort;
}

/** The listener that has accepted a connection. */
const serverOf = (socket: OneSocket): number | undefined =>
  socket instanceof Connection ? socket.serverId : undefined;

/** 1 opening, 2 connected, 3 listening, 4 closing; some firmware tells other ones. */
function stateOf(socket: OneSocket, told: Machine['options']['state']): number {
  if (!socket || socket.state === 'opening') return 1;
  if (!(socket instanceof Connection)) return told === 'listener-4' ? 4 : 3;
  if (socket.state === 'ended' || (told === 'incoming-4' && socket.serverId !== undefined)) return 4;
  return told === 'client-3' && socket.serverId === undefined ? 3 : 2;
}

/** AT+QICLOSE: the port is busy until the connection is closed, or the time is up. */
export function closeCommand(machine: Machine): Command {
  const { options, tcpip } = machine;
  return {
    test: `+QICLOSE: (0-${LAST_ID}),(0-65535)`,
    async write(exchange, args) {
      const id = args.integer(...ID);
      const seconds = args.more ? args.integer(0, 65_535, CLOSE_TIMEOUT) : CLOSE_TIMEOUT;
      args.end();
      const socket = tcpip.sockets.get(id);
      const isOpening = tcpip.opening.has(id) || socket?.state === 'opening';
      if (isOpening && options.closeListener === 'refused') throw new TcpipError(572);
      if (tcpip.opening.delete(id)) return;
      if (socket instanceof Connection) await closeConnection(machine, exchange, socket, seconds * 1000);
      else if (socket) closeListener(machine, socket);
      else if (!tcpip.occupied.delete(id) && options.closeUnknown === 'error') throw new TcpipError(567);
    },
  };
}

async function closeConnection(
  { options, tcpip }: Machine,
  exchange: Exchange,
  connection: Connection,
  timeout: number,
): Promise<void> {
  if (tcpip.settings.isOn('close/mode'))
    exchange.after(() => tcpip.urc(connection.urcPort, urcs.closed(connection.id)));
  tcpip.occupied.add(connection.id);
  connection.close();
  await exchange.wait(Math.min(options.closeDelay, timeout));
  await exchange.wait(timeout, connection.closed);
  connection.reset();
  tcpip.occupied.delete(connection.id);
}

function closeListener({ options, tcpip }: Machine, listener: Server): void {
  if (options.closeListener === 'refused') throw new TcpipError(572);
  listener.close();
  if (options.closeListener === 'leaves') return;
  for (const socket of tcpip.sockets.all) {
    if (socket instanceof Connection && socket.serverId === listener.id) socket.close();
  }
}
