/** Write commands of chapter 2 of the manual, one descriptor each. */
import { type Command, integer, parseParameters, quote } from '../at';
import { CTRL_Z, type OpenClient, type OpenServer, type Received, type UrcPort } from '../sockets';
import type { Dialect } from './dialect';

/** The most that one QFWDRECV returns and one QFWDSEND takes, in bytes (2.3, 2.4). */
export const MAX_LENGTH = 1024;

/** The longest idle timeout of a server, in seconds: it cannot be switched off. */
const LONGEST_IDLE = 65_535;

/** AT+QFWDSEVER=…, 2.1. The URC `server/open` reports the result. */
export function openServer(dialect: Dialect, server: OpenServer): Command<void> {
  const { socketId, pdpCid, ipVersion, protocol, port, backlog, idleTimeout, urcPort } = server;
  const parameters =
    dialect.serverArguments === 'manual'
      ? [
          pdpCid,
          socketId,
          quote(ipVersion),
          quote(protocol),
          port,
          backlog,
          idleTimeout || LONGEST_IDLE,
          quote(urcPort),
        ]
      : // Chapter 4 has an access point name, chapter 2 has none; only this one is known to be accepted.
        [socketId, quote('uninet'), quote(ipVersion.toLowerCase()), quote(protocol), port, backlog];
  return done(`AT+${dialect.server}=${parameters.join(',')}`);
}

/**
 * AT+QFWDCLIENT=…, 2.2. The URC `client/open` reports the result.
 * @throws {InvalidParameter} when the host could end the command line
 */
export function openClient(client: OpenClient): Command<void> {
  const { socketId, pdpCid, ipVersion, protocol, host, port, urcPort } = client;
  const parameters = [pdpCid, socketId, quote(ipVersion), quote(protocol), quote(host), port, quote(urcPort)];
  return done(`AT+QFWDCLIENT=${parameters.join(',')}`);
}

/** AT+QFWDCLOSE=…, 2.7. The connections of a server stay open. */
export function closeSocket(dialect: Dialect, socketId: number): Command<void> {
  return done(`AT+${dialect.close}=${socketId}`);
}

/** The data of one AT+QFWDSEND. */
export interface Piece {
  /** The bytes as the peer receives them. */
  readonly bytes: Buffer;
  readonly format: 'raw' | 'hex';
  /** `variable` ends with Ctrl-Z; `fixed` announces the length. */
  readonly form: 'variable' | 'fixed';
}

/** The end of data of variable length (2.3). */
const END = Buffer.from([CTRL_Z]);
const NOTHING = Buffer.alloc(0);

/** AT+QFWDSEND=…, 2.3. Returns `actual_send_len` as reported. */
export function send(socketId: number, { bytes, format, form }: Piece): Command<number> {
  const data = format === 'hex' ? Buffer.from(bytes.toString('hex').toUpperCase(), 'latin1') : bytes;
  const text = `AT+QFWDSEND=${socketId},${format === 'hex' ? 1 : 0}`;
  return {
    text: form === 'fixed' ? `${text},${data.length}` : text,
    body: form === 'fixed' ? data : Buffer.concat([data, END]),
    isFixedLength: form === 'fixed',
    // Nothing else is sent in this form.
    isEscapeData: form === 'fixed',
    responsePrefixes: ['+QFWDSEND:'],
    isComplete: ({ lines }) => lines.length > 0,
    decode: ({ lines: [line] }) => {
      const [id, length] = parseParameters(line ?? '');
      if (integer(id) !== socketId) throw new RangeError('the answer is about another socket');
      const taken = integer(length);
      // Something else was sent with it. Some firmware may count the Ctrl-Z.
      if (taken > data.length + 1) throw new RangeError(`${taken} of ${data.length} bytes were taken`);
      return taken;
    },
  };
}

/**
 * AT+QFWDRECV=…, 2.4, or AT+QFWDACK as in chapter 4. Returns available data, at most `length` bytes, possibly none. A
 * read removes data from the module, so it is never repeated.
 */
export function receive(dialect: Dialect, socketId: number, length: number): Command<Received> {
  /** The byte count in a header; `undefined` for other lines. AT+QFWDACK also answers with figures. */
  const announced = (line: string): number | undefined => {
    const parameters = parseParameters(line);
    const bytes = parameters.at(-1) ?? '';
    return parameters.length <= 2 && /^\d+$/.test(bytes) && Number(bytes) <= length
      ? Number(bytes)
      : undefined;
  };
  const responsePrefixes = ['+QFWDRECV:', '+QFWDPRECV:', '+QFWDACK:'];
  return {
    text: `AT+${dialect.read}=${socketId},${length}`,
    responsePrefixes,
    isAnsweredBy: (line) =>
      responsePrefixes.some((it) => line.startsWith(it)) &&
      [String(socketId), undefined].includes(idOf(line)),
    block: announced,
    isComplete: ({ lines: [line], block }) =>
      block !== undefined || (line !== undefined && announced(line) === 0),
    decode: ({ lines: [line], block }) => {
      const [id, bytes] = parseParameters(line ?? '');
      if (bytes !== undefined && integer(id) !== socketId) {
        throw new RangeError('the answer is about another socket');
      }
      if (!block && line !== undefined && announced(line) !== 0) throw new RangeError('this is no read');
      return line === undefined ? { data: NOTHING, isSilent: true } : { data: block ?? NOTHING };
    },
  };
}

/** The socket id in the header of a read; missing on firmware whose headers have only the length. */
export function idOf(header: string): string | undefined {
  const parameters = parseParameters(header);
  return parameters.length > 1 ? parameters[0] : undefined;
}

/** AT+QFWDCFG="urc",…, 2.8 */
export function setUrcPort(socketId: number, urcPort: UrcPort): Command<void> {
  return done(`AT+QFWDCFG="urc",${socketId},${quote(urcPort)}`);
}

function done(text: string): Command<void> {
  return { text, responsePrefixes: [], decode: () => undefined };
}
