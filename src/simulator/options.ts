import { choice, flag, integer, text, type Option } from './option-kinds';
import { TCPIP_OPTIONS } from './tcpip-options';

/** The AT ports of the module, as named in the manual. */
export const PORT_NAMES = ['usbat', 'usbmodem', 'uart1'] as const;
export type PortName = (typeof PORT_NAMES)[number];

/**
 * Every option of the simulator, with its default, allowed values and meaning. The first value of a choice is its default.
 * Most options cover behavior that the manual leaves open and that may differ between firmware versions.
 */
export const OPTIONS = {
  // The line
  baud: integer(
    0,
    0,
    10_000_000,
    'Line speed in bit/s, with ten bits per byte in each direction; 0 = unlimited.',
  ),
  echo: flag(true, 'Command echo (ATE) at power-on.'),
  bodyEcho: flag(false, 'Also echo the data of AT+QFWDSEND while ATE1 is set.'),
  prompt: choice(['\r\n> ', '\r\n>', '\r\n>\r\n'], 'Prompt for the data of AT+QFWDSEND or AT+QISEND.'),
  answerDelay: integer(
    0,
    0,
    600_000,
    'Delay before each prompt and each response, in milliseconds. Several commands on a line share it, executed one after the other.',
  ),
  cmee: integer(0, 0, 2, 'AT+CMEE at power-on: 0 = ERROR, 1 = +CME ERROR: <number>, 2 = +CME ERROR: <text>.'),
  results: choice(
    ['words', 'numbers', 'none'],
    'Format of the result codes at power-on: words (ATV1), numbers (ATV0), or none (ATQ1).',
  ),
  layout: choice(
    ['wrapped', 'joined', 'tight'],
    'Framing of a response: each line between CR LF of its own; lines of information text share one; or these and the result code do.',
  ),

  commandUrcs: choice(
    ['sent', 'held'],
    'URCs while a command line is executed: sent at once, also between the responses to two of its commands; or held until after its result code, whatever openOrder is.',
  ),

  // Commands of the firmware
  joined: choice(
    ['executed', 'refused', 'first', 'each', 'ignored'],
    'Several extended commands on a line, joined by ;: executes all; refuses the line; executes the first, then answers ERROR; gives each a result code of its own; executes the first and ignores the rest (OK).',
  ),
  mostJoined: integer(
    0,
    0,
    100,
    'Maximum extended commands on a line. Of a line with more, so many are executed if joined is first or ignored; otherwise it is refused. 0 = one if joined is refused, first or ignored; otherwise unlimited.',
  ),
  family: choice(
    ['qfwd', 'tcpip', 'both'],
    'Commands for sockets: AT+QFWD…, AT+QI… (the TCP/IP commands), or both, each with sockets of its own.',
  ),
  names: choice(
    ['manual', 'headings', 'server'],
    'Command names: QFWDSEVER, QFWDSTATE, QFWDCLOSE; QFWDSEVER, QFWDSSSTATE, QFWDSCLOSE; or QFWDSERVER, QFWDSTATE, QFWDCLOSE.',
  ),
  args: choice(
    ['manual', 'example'],
    'Parameters as in chapter 2 of the manual, or as in chapter 4: AT+QFWDSEVER=<id>,<apn>,<ip>,<protocol>,<port>,<backlog> and reads by AT+QFWDACK=<id>,<len>.',
  ),
  lacks: text('', 'Commands that this firmware lacks, separated by commas, such as QFWDCFG,QFWDACK.'),

  // Opening and listing
  openOrder: choice(['ok-first', 'urc-first'], 'Whether OK or the open URC is sent first.'),
  openResult: choice(
    ['errno', 'quectel'],
    'Result codes of a failed open: Linux errno (98, 111) or the codes of AT+QIOPEN (556, 566).',
  ),
  acceptedIds: choice(
    ['smallest', 'counting'],
    'Socket id of an accepted connection: the smallest free id from 2, or always the next one.',
  ),
  listOpening: flag(true, 'Whether QFWDSEVER? and QFWDCLIENT? list sockets that are still opening.'),
  idleTimeout: flag(true, 'Whether <idle_timeout> closes idle connections of a server.'),
  halfClose: integer(
    1000,
    0,
    600_000,
    'After the peer closed its sending side (FIN), milliseconds since the last send until the connection closes; 0 = immediately.',
  ),
  udpServer: choice(
    ['per-peer', 'shared'],
    'A UDP server uses one socket id per peer; or its own id for all peers, and answers go to the last sender.',
  ),

  // Sending
  hexUnits: choice(['bytes', 'chars'], 'Unit of <send_len> in HEX format.'),
  hexActual: choice(['bytes', 'chars'], 'Unit of <actual_send_len> in HEX format.'),
  hexLimit: choice(['bytes', 'chars'], 'Unit of the limit of 1024 in HEX format.'),
  fixedLength: choice(
    ['transparent', 'ends-at-ctrl-z', 'cancels-at-esc'],
    'In data of fixed length, Ctrl-Z and ESC are data; or they end or cancel it; or ESC cancels it. The rest is read as commands.',
  ),
  sendBuffer: integer(16_384, 1, 1 << 24, 'Size of the send queue of a socket, in bytes.'),
  partial: integer(
    0,
    0,
    1024,
    'Maximum number of bytes that one AT+QFWDSEND accepts of a TCP payload; 0 = no limit.',
  ),

  // Receiving
  recvHeader: choice(['QFWDRECV', 'QFWDPRECV'], 'Name in the response to AT+QFWDRECV.'),
  emptyRead: choice(['zero', 'error'], 'Response to a read without data: length 0, or ERROR.'),
  readUrc: choice(
    ['latched', 'repeated', 'length'],
    'When client/read is sent: once until all data is read; whenever data arrives; or once, with the number of readable bytes as a third field.',
  ),
  recvBuffer: integer(16_384, 1, 1 << 24, 'Size of the receive queue of a socket, in bytes.'),

  // URCs, start and SIM
  urc: choice(PORT_NAMES, 'AT port for the QFWD URCs of a socket that was opened without <urc_port>.'),
  urcPort: choice(PORT_NAMES, 'AT port for all other URCs at power-on (AT+QURCCFG="urcport").'),
  bootDelay: integer(0, 0, 600_000, 'Milliseconds from a restart to RDY.'),
  apDelay: integer(
    0,
    0,
    600_000,
    'Milliseconds from RDY until the QFWD commands are available; before, they answer ERROR.',
  ),
  networkDelay: integer(
    0,
    0,
    600_000,
    'Milliseconds from RDY, or from entering the PIN, until the module is registered.',
  ),
  registration: choice(
    ['accepted', 'denied'],
    'Whether the network accepts the module: AT+CREG? returns 1, or 3 with a cause in AT+CEER.',
  ),
  imei: text('861107030000017', 'IMEI of the module (AT+CGSN).', /^\d{15}$/, '15 digits'),
  pin: text('', 'SIM PIN; empty = the SIM needs no PIN.', /^(\d{4,8})?$/, '4 to 8 digits, or empty'),
  puk: text('12345678', 'SIM PUK, needed after three wrong PINs.', /^\d{8}$/, '8 digits'),
  simDelay: integer(
    0,
    0,
    600_000,
    'Milliseconds from RDY, AT+CFUN=1 or the insertion of the SIM until the SIM is available.',
  ),
  simStarting: choice(
    ['busy', 'absent', 'failure', 'not-ready', 'error'],
    'Response to AT+CPIN? until then: +CME ERROR: 14, 10 or 13, +CPIN: NOT READY, or ERROR.',
  ),

  ...TCPIP_OPTIONS,
};

type Value<T> = T extends Option<infer V> ? V : never;
export type OptionName = keyof typeof OPTIONS;
export type SimulatorOptions = { [Name in OptionName]: Value<(typeof OPTIONS)[Name]> };

export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];

/**
 * Validates options from an untrusted source, such as a flow file or a command line. Numbers and flags may be strings.
 * Missing and empty options get their default.
 * @throws Error that names the invalid option and its allowed values
 */
export function parseOptions(input: unknown): SimulatorOptions {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new Error('Simulator options must be an object');
  }
  const unknown = Object.keys(input).find((name) => !Object.hasOwn(OPTIONS, name));
  if (unknown !== undefined) {
    throw new Error(`Unknown simulator option "${unknown}". Valid options: ${OPTION_NAMES.join(', ')}`);
  }
  const given = new Map<string, unknown>(Object.entries(input));
  const parsed = OPTION_NAMES.map((name) => [name, parseOption(name, given.get(name))] as const);
  return Object.fromEntries(parsed) as SimulatorOptions;
}

function parseOption(name: OptionName, given: unknown): unknown {
  const option: Option<unknown> = OPTIONS[name];
  if (given === undefined || given === null || given === '') return option.default;
  const value = option.parse(given);
  if (value === undefined) {
    throw new Error(`Simulator option "${name}" must be ${option.allowed}, not ${JSON.stringify(given)}`);
  }
  return value;
}
