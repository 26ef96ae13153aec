import type { Exchange } from '../line/exchange';
import { Connection } from '../sockets/connection';
import type { Server } from '../sockets/server';
import { TcpipError } from '../tcpip/errors';
import { LAST_ID } from '../tcpip/family';
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
    tcpip.sockets.all
      .filter(({ id }) => isWanted(id))
      .forEach((socket) => exchange.info(`+QISTATE: ${describe(machine, socket)}`));
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
function describe({ options, tcpip }: Machine, socket: Server | Connection): string {
  const request = tcpip.requestOf(socket.id);
  const { id, type, context, mode, remotePort } = request;
  const [own = ''] = tcpip.contexts.addresses(context);
  const isPassive = type === 'TCP LISTENER' || type === 'UDP SERVICE';
  const remote =
    socket instanceof Connection && !isPassive ? socket.remote : { address: own, port: remotePort };
  const local = {
    real: socket instanceof Connection ? socket.local.port : socket.setup.port,
    configured: request.localPort,
    zero: 0,
  }[options.stateLocalPort];
  const server =
    socket instanceof Connection ? (socket.serverId ?? ownServer(id, options)) : ownServer(id, options);
  return [
    id,
    `"${type}"`,
    `"${remote.address}"`,
    remote.port,
    local,
    stateOf(socket, options.state),
    context,
    server,
    mode,
    `"${tcpip.urcPort(request.port)}"`,
  ].join(',');
}

/** `<server>` of a socket that no listener has accepted. */
const ownServer = (id: number, { stateServer }: Machine['options']): number =>
  stateServer === 'own' ? id : 0;

/** 1 opening, 2 connected, 3 listening, 4 closing; some firmware tells other ones. */
function stateOf(socket: Server | Connection, told: Machine['options']['state']): number {
  if (socket.state === 'opening') return 1;
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
  if (connection.state === 'opening' && options.closeListener === 'refused') throw new TcpipError(572);
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
