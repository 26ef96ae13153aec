/** Queries of the TCP/IP application notes, one descriptor each. */
import { type CmeError, type Command, integer, parseParameters } from '../at';
import { type Ends, URC_PORTS, type UrcPort } from '../sockets';
import { socketIdIn } from './commands';

/** `<service_type>` of a listed socket; `INCOMING`: accepted by a server. */
export const SERVICES = {
  TCP: { role: 'client', protocol: 'tcp' },
  UDP: { role: 'client', protocol: 'udp' },
  'TCP LISTENER': { role: 'server', protocol: 'tcp' },
  'UDP SERVICE': { role: 'server', protocol: 'udp' },
  'TCP INCOMING': { role: 'accepted', protocol: 'tcp' },
  'UDP INCOMING': { role: 'accepted', protocol: 'udp' },
} as const;

export type Service = keyof typeof SERVICES;

/** `<socket_state>`. A live client was also seen in the state of a listener, so 2 and 3 are the same here. */
const CLOSING = 4;
const OPENING = 1;

/** A socket as AT+QISTATE lists it. */
export interface SocketRow {
  readonly socketId: number;
  readonly service: Service;
  readonly ends: Ends;
  /** `ended`: the peer has closed it; it may hold unread data. */
  readonly state: 'opening' | 'open' | 'ended';
  readonly contextId: number;
  /** The server of an accepted socket. */
  readonly serverId: number;
  readonly accessMode: number;
  /** In lower case. */
  readonly urcPort: string;
}

/** AT+QISTATE? */
export const LIST_SOCKETS: Command<SocketRow[]> = {
  text: 'AT+QISTATE?',
  responsePrefixes: ['+QISTATE:'],
  isRepeatable: true,
  decode: ({ lines }) => lines.map(rowIn),
};

/** AT+QISTATE=1,<id>; `undefined` when there is no such socket. */
export function socketState(socketId: number): Command<SocketRow | undefined> {
  return {
    text: `AT+QISTATE=1,${socketId}`,
    responsePrefixes: ['+QISTATE:'],
    isRepeatable: true,
    decode: ({ lines: [line] }) => (line === undefined ? undefined : rowIn(line)),
  };
}

function rowIn(line: string): SocketRow {
  const [socketId, type, ip = '', port, localPort, state, contextId, serverId, accessMode, urcPort = ''] =
    parseParameters(line);
  const service = type?.toUpperCase() ?? '';
  if (!isService(service)) throw new RangeError(`a socket of type ${JSON.stringify(type)} is unknown`);
  return {
    socketId: socketIdIn(socketId),
    service,
    // The local address is not listed.
    ends: { ip, port: integer(port), localIp: '', localPort: integer(localPort) },
    state: stateOf(integer(state)),
    contextId: integer(contextId),
    serverId: integer(serverId),
    accessMode: integer(accessMode),
    urcPort: urcPort.toLowerCase(),
  };
}

function isService(type: string): type is Service {
  return Object.hasOwn(SERVICES, type);
}

function stateOf(state: number): SocketRow['state'] {
  if (state === CLOSING) return 'ended';
  return state <= OPENING ? 'opening' : 'open';
}

/** The URC port of a listed socket; it is the same for all. */
export function urcPortOf(socketId: number): Command<UrcPort> {
  const command = socketState(socketId);
  return {
    ...command,
    decode: (answer) => {
      const known = URC_PORTS.find((name) => name === command.decode(answer)?.urcPort);
      if (!known) throw new RangeError('a URC port was expected');
      return known;
    },
  };
}

/** Bytes since the socket was opened: all, those acknowledged or read, and the others. */
export interface Totals {
  readonly total: number;
  readonly done: number;
  readonly left: number;
}

/** AT+QISEND=<id>,0: bytes that the peer has acknowledged. */
export function sendTotals(socketId: number): Command<Totals> {
  return totals(`AT+QISEND=${socketId},0`, '+QISEND:');
}

/** AT+QIRD=<id>,0: bytes that were read. */
export function receiveTotals(socketId: number): Command<Totals> {
  return totals(`AT+QIRD=${socketId},0`, '+QIRD:');
}

function totals(text: string, prefix: string): Command<Totals> {
  return {
    text,
    responsePrefixes: [prefix],
    isRepeatable: true,
    // The answer does not say which socket it is about.
    joins: text,
    isComplete: ({ lines }) => lines.length > 0,
    decode: ({ lines: [line = ''] }) => {
      const [total, done, left, ...more] = parseParameters(line).map(integer);
      if (total === undefined || done === undefined || left === undefined || more.length > 0)
        throw new RangeError('three figures were expected');
      return { total, done, left };
    },
  };
}

/** Whether the value of `+CME ERROR` is a result of the TCP/IP commands that says what is wrong; 550 does not. */
export function isResult(cme: CmeError | undefined): cme is number {
  return typeof cme === 'number' && cme > 550 && cme <= 574;
}

/** AT+QIGETERROR: the result of the last TCP/IP command; 0 = no error, or not known. */
export const LAST_RESULT: Command<number> = {
  text: 'AT+QIGETERROR',
  responsePrefixes: ['+QIGETERROR:'],
  isRepeatable: true,
  decode: ({ lines: [line] }) => (line === undefined ? 0 : integer(parseParameters(line)[0])),
};
