/** Write commands of the TCP/IP application notes, one descriptor each. */
import { type Command, integer, parseParameters, quote } from '../at';
import type { IpVersion, Peer, Received } from '../sockets';

/** Maximum bytes of one AT+QISEND … */
export const SEND_LENGTH = 1460;
/** … and of one AT+QIRD. */
export const RECEIVE_LENGTH = 1500;
/** So much of a stream is read at a time: what a flow sends back or on fits in one command then, and not in two. */
export const STREAM_LENGTH = SEND_LENGTH;

/** The first `<connectID>` is 0. */
export const LAST_ID = 11;

/** @throws {RangeError} when the text is no number, or none that a socket can have */
export function socketIdIn(text: string | undefined): number {
  const id = integer(text);
  if (id > LAST_ID) throw new RangeError(`no socket has the id ${id}`);
  return id;
}

/** `<service_type>` of the sockets that this host can open. */
export type ServiceType = 'TCP' | 'UDP' | 'TCP LISTENER' | 'UDP SERVICE';

/** The parameters of AT+QIOPEN. */
export interface SocketParameters {
  readonly contextId: number;
  readonly socketId: number;
  readonly type: ServiceType;
  readonly host: string;
  readonly remotePort: number;
  readonly localPort: number;
}

/** `<access_mode>`: data stays in the module until it is read. */
export const BUFFER_MODE = 0;

/**
 * AT+QIOPEN=…; the URC `+QIOPEN` reports the result. The access mode is never left out, as its default differs.
 * @throws {InvalidParameter} when the host could end the command line
 */
export function openSocket(socket: SocketParameters): Command<void> {
  const { contextId, socketId, type, host, remotePort, localPort } = socket;
  const parameters = [contextId, socketId, quote(type), quote(host), remotePort, localPort, BUFFER_MODE];
  return done(`AT+QIOPEN=${parameters.join(',')}`);
}

/** The address of a server is a placeholder: it listens at the address of its PDP context. */
export function placeholder(ipVersion: IpVersion): string {
  return ipVersion === 'IPV6' ? '::1' : '127.0.0.1';
}

/**
 * Seconds in which the peer may acknowledge the end of a connection. AT+QICLOSE blocks the line meanwhile, so a peer that
 * is gone must not cost the others the usual ten.
 */
const CLOSE_LIMIT = 2;
/** In ms, beyond that. */
const ANSWER_LIMIT = 5000;

/** AT+QICLOSE=… */
export function closeSocket(socketId: number): Command<void> {
  return { ...done(`AT+QICLOSE=${socketId},${CLOSE_LIMIT}`), timeout: CLOSE_LIMIT * 1000 + ANSWER_LIMIT };
}

/** The accepted data, none of which the module may take when its buffer is full; and whether it echoed the payload. */
export interface SendResult {
  readonly taken: number;
  readonly hasEchoed: boolean;
}

const TAKEN = 'SEND OK';
const FULL = 'SEND FAIL';

/**
 * AT+QISEND=… with fixed length: exactly so many bytes follow the prompt.
 * @param to of a UDP SERVICE only
 */
export function sendRaw(socketId: number, bytes: Buffer, to?: Peer): Command<SendResult> {
  const peer = to ? `,${quote(to.ip)},${to.port}` : '';
  return {
    text: `AT+QISEND=${socketId},${bytes.length}${peer}`,
    body: bytes,
    isFixedLength: true,
    isBodyEchoed: true,
    ...sendResult(socketId, bytes),
  };
}

/** AT+QISENDEX=…: hexadecimal digits in the command line, so that no byte of the data can act as a command. */
export function sendHex(socketId: number, bytes: Buffer): Command<SendResult> {
  return {
    text: `AT+QISENDEX=${socketId},"${bytes.toString('hex').toUpperCase()}"`,
    ...sendResult(socketId, bytes),
  };
}

/**
 * The result: SEND OK or SEND FAIL, as result codes or as URCs, with or without the socket id
 * (`QICFG="TCP/SendMode"`); or a response with the free space of the buffer (`QICFG="sendinfo"`).
 */
function sendResult(
  socketId: number,
  { length }: Buffer,
): Pick<Command<SendResult>, 'responsePrefixes' | 'finals' | 'refusals' | 'isComplete' | 'decode'> {
  const all = (text: string) => [
    text,
    `${socketId},${text}`,
    `+QIURC: ${text}`,
    `+QIURC: ${socketId},${text}`,
  ];
  const full = all(FULL);
  const finals = [...all(TAKEN), ...full];
  return {
    responsePrefixes: ['+QISEND:'],
    finals,
    refusals: full,
    isComplete: ({ lines }) => lines.length > 0,
    decode: ({ lines: [line], final = '', hasEchoedBody = false }) => {
      // Some firmware answers OK to data that ESC has cancelled.
      if (line === undefined && !finals.includes(final))
        throw new RangeError('the data may not have been taken');
      const isFull = line === undefined ? full.includes(final) : isFullIn(line, socketId);
      return { taken: isFull ? 0 : length, hasEchoed: hasEchoedBody };
    },
  };
}

/** `+QISEND: <id>,<0 accepted, 1 full>,<free>` */
function isFullIn(line: string, socketId: number): boolean {
  const [id, result] = parseParameters(line);
  if (integer(id) !== socketId) throw new RangeError('the answer is about another socket');
  return integer(result) !== 0;
}

const NOTHING = Buffer.alloc(0);

/** With `QICFG="viewmode",1`, data follows on the line of its header, behind a comma. */
const INLINE_HEADERS = {
  stream: /^\+QIRD: *\d{1,5},/,
  sender: /^\+QIRD: *\d{1,5} *, *"?[\dA-F.:%]*[.:][\dA-F.:%]*"? *, *\d{1,5},/i,
};

/**
 * AT+QIRD=…: the available data, at most `length` bytes, possibly none; without `length`, one datagram with its sender.
 * A read removes data from the module, so it is never repeated.
 * @param inline what is in front of the data if that follows on the same line; missing where data could look like it
 */
export function receive(
  socketId: number,
  length?: number,
  inline?: keyof typeof INLINE_HEADERS,
): Command<Received> {
  const text = `AT+QIRD=${socketId}${length === undefined ? '' : `,${length}`}`;
  return {
    text,
    responsePrefixes: ['+QIRD:'],
    // The header does not say which socket it is about.
    joins: text,
    ...(inline && { inlineHeader: INLINE_HEADERS[inline] }),
    block: (line) => readHeader(line)?.bytes,
    isComplete: ({ lines: [line = ''], block }) => block !== undefined || readHeader(line)?.bytes === 0,
    decode: ({ lines: [line], block = NOTHING }) => {
      if (line === undefined) return { data: NOTHING, isSilent: true };
      const header = readHeader(line);
      if (header?.bytes !== block.length) throw new RangeError('this is no read');
      return { data: block, ...(header.from && { from: header.from }) };
    },
  };
}

/** `+QIRD: <n>` or `+QIRD: <n>,<ip>,<port>`; AT+QIRD=<id>,0 is answered with figures, which are none. */
const READ_HEADER = /^\+QIRD: *(\d{1,5})(?: *, *"?([0-9A-F.:%]*[.:][0-9A-F.:%]*)"? *, *(\d{1,5}))?$/i;

function readHeader(line: string): { readonly bytes: number; readonly from?: Peer } | undefined {
  const [, length, ip, port] = READ_HEADER.exec(line) ?? [];
  const bytes = Number(length);
  if (length === undefined || bytes > RECEIVE_LENGTH) return undefined;
  return ip === undefined ? { bytes } : { bytes, from: { ip, port: Number(port) } };
}

function done(text: string): Command<void> {
  return { text, responsePrefixes: [], decode: () => undefined };
}
