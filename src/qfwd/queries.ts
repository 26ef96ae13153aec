/** Queries of chapter 2 of the manual, one descriptor each. ERROR rejects, even when the list is only empty. */
import { type Answer, type Command, integer, parseParameters } from '../at';
import {
  type AcceptedSocket,
  type Ends,
  type ListedServer,
  type ListedSocket,
  type Protocol,
  type QueueFigures,
  URC_PORTS,
  type UrcPort,
} from '../sockets';
import { type Dialect, SPELLINGS } from './dialect';
import { isSocketId } from './limits';

/** AT+QFWDACK=…, 2.5 */
export function queueFigures(socketId: number): Command<QueueFigures> {
  return {
    text: `AT+QFWDACK=${socketId}`,
    isRepeatable: true,
    responsePrefixes: ['+QFWDACK:'],
    joins: 'socket',
    isAnsweredBy: (line) => line.startsWith('+QFWDACK:') && parseParameters(line)[0] === String(socketId),
    isComplete: ({ lines }) => lines.length > 0,
    decode: ({ lines: [line] }) => {
      const [id, ...figures] = parseParameters(line ?? '').map(integer);
      if (id !== socketId || figures.length !== 6) throw new RangeError('seven figures were expected');
      const [sendUsed = 0, sendUnused = 0, sendMax = 0, recvUsed = 0, recvUnused = 0, recvMax = 0] = figures;
      return { socketId, sendUsed, sendUnused, sendMax, recvUsed, recvUnused, recvMax };
    },
  };
}

/** AT+QFWDSEVER?, 2.1 */
export function listServers(dialect: Dialect): Command<ListedServer[]> {
  return list(`AT+${dialect.server}?`, prefixes(SPELLINGS.server), ([id, protocol, port, urcPort = '']) => ({
    socketId: integer(id),
    protocol: protocolOf(protocol),
    port: integer(port),
    urcPort: urcPort.toLowerCase(),
  }));
}

/** AT+QFWDCLIENT?, 2.2 */
export function listClients(): Command<ListedSocket[]> {
  return list('AT+QFWDCLIENT?', ['+QFWDCLIENT:'], ([id, direction, protocol, ...rest]) => ({
    socketId: integer(id),
    direction: /^in/i.test(direction ?? '') ? 'income' : 'active',
    protocol: protocolOf(protocol),
    ends: endsIn(rest),
    urcPort: (rest[4] ?? '').toLowerCase(),
  }));
}

/** AT+QFWDSTATE=…, 2.6 */
export function listConnections(dialect: Dialect, serverId: number): Command<AcceptedSocket[]> {
  return list(`AT+${dialect.state}=${serverId}`, prefixes(SPELLINGS.state), ([index, socketId, ...rest]) => ({
    index: integer(index),
    socketId: integer(socketId),
    ...endsIn(rest),
  }));
}

/** AT+QFWDCFG="urc",…, 2.8: the URC port of a socket. */
export function urcPortOf(socketId: number): Command<UrcPort> {
  return {
    text: `AT+QFWDCFG="urc",${socketId}`,
    responsePrefixes: ['+QFWDCFG:'],
    isRepeatable: true,
    decode: ({ lines: [line] }) => {
      const [, , port] = parseParameters(line ?? '');
      const known = URC_PORTS.find((name) => name === port?.toLowerCase());
      if (!known) throw new RangeError('a URC port was expected');
      return known;
    },
  };
}

/** The four parameters of the two ends, in the order of lists and URCs. */
export function endsIn([ip = '', port, localIp = '', localPort]: readonly (string | undefined)[]): Ends {
  return { ip, port: integer(port), localIp, localPort: integer(localPort) };
}

function protocolOf(text: string | undefined): Protocol {
  return /^udp$/i.test(text ?? '') ? 'udp' : 'tcp';
}

/** What cannot be a socket is left out. */
function list<T extends { readonly socketId: number }>(
  text: string,
  responsePrefixes: readonly string[],
  row: (parameters: string[]) => T,
): Command<T[]> {
  return {
    text,
    responsePrefixes,
    isRepeatable: true,
    decode: ({ lines }: Answer) =>
      lines.map((line) => row(parseParameters(line))).filter(({ socketId }) => isSocketId(socketId)),
  };
}

/** Responses may use another spelling than their command. */
function prefixes(names: readonly string[]): string[] {
  return names.map((name) => `+${name}:`);
}
