/** The commands of chapter 2 of the manual, one descriptor each: what to write, what to wait for, what it means. */
import { type Answer, type Command, integer, parseParameters, quote } from '../at';
import { type Dialect, SPELLINGS } from './dialect';

export type Protocol = 'tcp' | 'udp';
type IpVersion = 'IP' | 'IPV6';
export const URC_PORTS = ['usbat', 'usbmodem', 'uart1'] as const;
export type UrcPort = (typeof URC_PORTS)[number];

/** The most that one QFWDRECV returns and one QFWDSEND takes, in bytes (2.3, 2.4). */
export const MAX_LENGTH = 1024;

export interface ServerParameters {
  readonly socketId: number;
  /** 0 = any address. */
  readonly pdpCid: number;
  readonly ipVersion: IpVersion;
  readonly protocol: Protocol;
  readonly port: number;
  /** 1–10 */
  readonly backlog: number;
  /** Seconds without data after which the module closes a connection, 1–65535. */
  readonly idleTimeout: number;
  readonly urcPort: UrcPort;
}

/** AT+QFWDSEVER=…, 2.1. Whether it worked is said by the URC `server/open`. */
export function openServer(dialect: Dialect, server: ServerParameters): Command<void> {
  const { socketId, pdpCid, ipVersion, protocol, port, backlog, idleTimeout, urcPort } = server;
  const parameters =
    dialect.serverArguments === 'manual'
      ? [pdpCid, socketId, quote(ipVersion), quote(protocol), port, backlog, idleTimeout, quote(urcPort)]
      : // Chapter 4 has an access point name where chapter 2 has none, and only this one is known to be taken.
        [socketId, quote('uninet'), quote(ipVersion.toLowerCase()), quote(protocol), port, backlog];
  return done(`AT+${dialect.server}=${parameters.join(',')}`);
}

export interface ClientParameters {
  readonly socketId: number;
  readonly pdpCid: number;
  readonly ipVersion: IpVersion;
  readonly protocol: Protocol;
  /** Address or domain name. */
  readonly host: string;
  readonly port: number;
  readonly urcPort: UrcPort;
}

/**
 * AT+QFWDCLIENT=…, 2.2. Whether it worked is said by the URC `client/open`.
 * @throws {InvalidParameter} when the host could end the command line
 */
export function openClient(client: ClientParameters): Command<void> {
  const { socketId, pdpCid, ipVersion, protocol, host, port, urcPort } = client;
  const parameters = [pdpCid, socketId, quote(ipVersion), quote(protocol), quote(host), port, quote(urcPort)];
  return done(`AT+QFWDCLIENT=${parameters.join(',')}`);
}

/** AT+QFWDCLOSE=…, 2.7. A server's connections stay open. */
export function closeSocket(dialect: Dialect, socketId: number): Command<void> {
  return done(`AT+${dialect.close}=${socketId}`);
}

/** What one AT+QFWDSEND carries. */
export interface Piece {
  /** The bytes as the peer will get them. */
  readonly bytes: Buffer;
  readonly format: 'raw' | 'hex';
  /** `variable` ends with Ctrl-Z; `fixed` says the length beforehand. */
  readonly form: 'variable' | 'fixed';
}

/** What ends data of variable length, and what cancels it (2.3). */
export const CTRL_Z = 0x1a;
export const ESC = 0x1b;
const END = Buffer.from([CTRL_Z]);

/** AT+QFWDSEND=…, 2.3. Gives `actual_send_len` as the module said it. */
export function send(socketId: number, { bytes, format, form }: Piece): Command<number> {
  const data = format === 'hex' ? Buffer.from(bytes.toString('hex').toUpperCase(), 'latin1') : bytes;
  const text = `AT+QFWDSEND=${socketId},${format === 'hex' ? 1 : 0}`;
  return {
    text: form === 'fixed' ? `${text},${data.length}` : text,
    body: form === 'fixed' ? data : Buffer.concat([data, END]),
    isFixedLength: form === 'fixed',
    responsePrefixes: ['+QFWDSEND:'],
    isComplete: ({ lines }) => lines.length > 0,
    decode: ({ lines: [line] }) => {
      const [id, length] = parseParameters(line ?? '');
      if (integer(id) !== socketId) throw new RangeError('the answer is about another socket');
      return integer(length);
    },
  };
}

/**
 * AT+QFWDRECV=…, 2.4, or the same by AT+QFWDACK as in chapter 4. Gives what was there, at most `length` bytes; nothing
 * when there was nothing. What is read is gone from the module, so this is never repeated.
 */
export function receive(dialect: Dialect, socketId: number, length: number): Command<Buffer> {
  /** How many bytes a header announces; `undefined` when the line is none. AT+QFWDACK answers with figures, too. */
  const announced = (line: string): number | undefined => {
    const parameters = parseParameters(line);
    const bytes = parameters.at(-1) ?? '';
    return parameters.length <= 2 && /^\d+$/.test(bytes) && Number(bytes) <= length
      ? Number(bytes)
      : undefined;
  };
  return {
    text: `AT+${dialect.read}=${socketId},${length}`,
    responsePrefixes: ['+QFWDRECV:', '+QFWDPRECV:', '+QFWDACK:'],
    block: announced,
    isComplete: ({ lines: [line], block }) =>
      block !== undefined || (line !== undefined && announced(line) === 0),
    decode: ({ lines: [line], block }) => {
      const [id, bytes] = parseParameters(line ?? '');
      if (bytes !== undefined && integer(id) !== socketId) {
        throw new RangeError('the answer is about another socket');
      }
      if (!block && line !== undefined && announced(line) !== 0) throw new RangeError('this is no read');
      return block ?? Buffer.alloc(0);
    },
  };
}

/** The buffers of a socket, in bytes. */
export interface QueueFigures {
  readonly socketId: number;
  /** 0 = the peer has everything. */
  readonly sendUsed: number;
  readonly sendUnused: number;
  readonly sendMax: number;
  readonly recvUsed: number;
  readonly recvUnused: number;
  readonly recvMax: number;
}

/** AT+QFWDACK=…, 2.5 */
export function queueFigures(socketId: number): Command<QueueFigures> {
  return {
    text: `AT+QFWDACK=${socketId}`,
    isRepeatable: true,
    responsePrefixes: ['+QFWDACK:'],
    isComplete: ({ lines }) => lines.length > 0,
    decode: ({ lines: [line] }) => {
      const [id, ...figures] = parseParameters(line ?? '').map(integer);
      if (id !== socketId || figures.length !== 6) throw new RangeError('seven figures were expected');
      const [sendUsed = 0, sendUnused = 0, sendMax = 0, recvUsed = 0, recvUnused = 0, recvMax = 0] = figures;
      return { socketId, sendUsed, sendUnused, sendMax, recvUsed, recvUnused, recvMax };
    },
  };
}

/** A row of the list of servers. */
export interface ListedServer {
  readonly socketId: number;
  readonly protocol: Protocol;
  readonly port: number;
  readonly urcPort: string;
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

/** The two ends of a connection. */
export interface Ends {
  /** The remote end. */
  readonly ip: string;
  readonly port: number;
  readonly localIp: string;
  readonly localPort: number;
}

/** A row of the list of clients: of connections made by the module (`active`) and accepted by it (`income`). */
export interface ListedClient extends Ends {
  readonly socketId: number;
  readonly direction: 'active' | 'income';
  readonly protocol: Protocol;
  readonly urcPort: string;
}

/** AT+QFWDCLIENT?, 2.2 */
export function listClients(): Command<ListedClient[]> {
  return list(
    'AT+QFWDCLIENT?',
    ['+QFWDCLIENT:'],
    ([id, direction, protocol, ip, port, localIp, localPort, urcPort = '']) => ({
      socketId: integer(id),
      direction: /^in/i.test(direction ?? '') ? 'income' : 'active',
      protocol: protocolOf(protocol),
      ...ends([ip, port, localIp, localPort]),
      urcPort: urcPort.toLowerCase(),
    }),
  );
}

/** A connection that a server accepted. */
export interface ListedConnection extends Ends {
  readonly index: number;
  readonly socketId: number;
}

/** AT+QFWDSTATE=…, 2.6 */
export function listConnections(dialect: Dialect, serverId: number): Command<ListedConnection[]> {
  return list(`AT+${dialect.state}=${serverId}`, prefixes(SPELLINGS.state), ([index, socketId, ...rest]) => ({
    index: integer(index),
    socketId: integer(socketId),
    ...ends(rest),
  }));
}

/** AT+QFWDCFG="urc",…, 2.8: where the URCs of a socket go. */
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

/** AT+QFWDCFG="urc",…, 2.8 */
export function setUrcPort(socketId: number, urcPort: UrcPort): Command<void> {
  return done(`AT+QFWDCFG="urc",${socketId},${quote(urcPort)}`);
}

/** The four parameters of the two ends, as they stand in lists and URCs. */
export function ends([ip = '', port, localIp = '', localPort]: readonly (string | undefined)[]): Ends {
  return { ip, port: integer(port), localIp, localPort: integer(localPort) };
}

/** The two ends of whatever has them, without the rest of it. */
export function endsOf({ ip, port, localIp, localPort }: Ends): Ends {
  return { ip, port, localIp, localPort };
}

function protocolOf(text: string | undefined): Protocol {
  return /^udp$/i.test(text ?? '') ? 'udp' : 'tcp';
}

function list<T>(
  text: string,
  responsePrefixes: readonly string[],
  row: (parameters: string[]) => T,
): Command<T[]> {
  return {
    text,
    responsePrefixes,
    isRepeatable: true,
    decode: ({ lines }: Answer) => lines.map((line) => row(parseParameters(line))),
  };
}

function done(text: string): Command<void> {
  return { text, responsePrefixes: [], decode: () => undefined };
}

/** Answers do not always keep to the spelling of their command. */
function prefixes(names: readonly string[]): string[] {
  return names.map((name) => `+${name}:`);
}
