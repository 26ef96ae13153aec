import { choice, flag, integer, text, type Option } from './option-kinds';

/** The AT ports of the module, by the names its manual gives them. */
export const PORT_NAMES = ['usbat', 'usbmodem', 'uart1'] as const;
export type PortName = (typeof PORT_NAMES)[number];

/**
 * Every option of the simulator: its default, what it may be, and what it means. Of a choice the first value is
 * the default. Most are questions the manual leaves open; firmwares may answer them either way.
 */
export const OPTIONS = {
  // The line
  baud: integer(0, 0, 10_000_000, 'Line speed in bit/s, ten bits a byte each way; 0 = not paced.'),
  echo: flag(true, 'ATE at power-on.'),
  bodyEcho: flag(false, 'Also echo the body of AT+QFWDSEND while ATE1.'),
  prompt: choice(['\r\n> ', '\r\n>', '\r\n>\r\n'], 'What asks for the body of AT+QFWDSEND.'),
  answerDelay: integer(0, 0, 600_000, 'Milliseconds before each prompt and each answer.'),
  cmee: integer(0, 0, 2, 'AT+CMEE at power-on: 0 ERROR, 1 +CME ERROR: <number>, 2 +CME ERROR: <text>.'),
  results: choice(
    ['words', 'numbers', 'none'],
    'Result codes at power-on, as if left so by ATV1, ATV0 or ATQ1.',
  ),

  // What the firmware understands
  names: choice(
    ['manual', 'headings', 'server'],
    'Spelling: QFWDSEVER, QFWDSTATE, QFWDCLOSE; QFWDSEVER, QFWDSSSTATE, QFWDSCLOSE; or QFWDSERVER, QFWDSTATE, QFWDCLOSE.',
  ),
  args: choice(
    ['manual', 'example'],
    'Arguments as in chapter 2 of the manual; or as in its chapter 4: AT+QFWDSEVER=<id>,<apn>,<ip>,<protocol>,<port>,<backlog> and reads by AT+QFWDACK=<id>,<len>.',
  ),
  lacks: text('', 'Commands this firmware has not got, separated by commas: QFWDCFG,QFWDACK.'),

  // Opening and listing
  openOrder: choice(['ok-first', 'urc-first'], 'Whether OK or the open URC comes first.'),
  openResult: choice(
    ['errno', 'quectel'],
    'Result of an open that failed: Linux errno (98, 111) or the codes of AT+QIOPEN (556, 566).',
  ),
  acceptedIds: choice(
    ['smallest', 'counting'],
    'Id of an accepted connection: the smallest free one from 2, or the next.',
  ),
  listOpening: flag(true, 'Whether QFWDSEVER? and QFWDCLIENT? list a socket that is still opening.'),
  idleTimeout: flag(true, 'Whether <idle_timeout> closes connections of a server.'),
  halfClose: integer(
    1000,
    0,
    600_000,
    'Milliseconds the sending side stays usable, since the last send, after the peer ended its own; 0 = closed at once.',
  ),
  udpServer: choice(
    ['per-peer', 'shared'],
    'A UDP server accepts an id per peer; or its own id carries all peers, and answers go to the last that sent.',
  ),

  // Sending
  hexUnits: choice(['bytes', 'chars'], 'What <send_len> counts in HEX format.'),
  hexActual: choice(['bytes', 'chars'], 'What <actual_send_len> counts in HEX format.'),
  hexLimit: choice(['bytes', 'chars'], 'What the limit of 1024 counts in HEX format.'),
  fixedLength: choice(
    ['transparent', 'ends-at-ctrl-z'],
    'In a fixed-length body, Ctrl-Z and ESC are data; or they end and cancel it, and the rest is read as commands.',
  ),
  sendBuffer: integer(16_384, 1, 1 << 24, 'Bytes the send queue of a socket holds.'),
  partial: integer(0, 0, 1024, 'Most bytes one AT+QFWDSEND takes from a TCP payload; 0 = no limit.'),

  // Receiving
  recvHeader: choice(['QFWDRECV', 'QFWDPRECV'], 'Name in the answer of AT+QFWDRECV.'),
  emptyRead: choice(['zero', 'error'], 'A read that finds nothing answers length 0, or ERROR.'),
  readUrc: choice(
    ['latched', 'repeated', 'length'],
    'client/read: once until all is read; at every arrival; or once, with the number of readable bytes as a third field.',
  ),
  recvBuffer: integer(16_384, 1, 1 << 24, 'Bytes the receive queue of a socket holds.'),

  // URCs, start and SIM
  urc: choice(PORT_NAMES, 'AT port of the QFWD URCs of a socket opened without <urc_port>.'),
  urcPort: choice(PORT_NAMES, 'AT port of all other URCs, as AT+QURCCFG="urcport" has it at power-on.'),
  bootDelay: integer(0, 0, 600_000, 'Milliseconds from a reboot to RDY.'),
  apDelay: integer(0, 0, 600_000, 'Milliseconds from RDY until the QFWD commands stop to answer ERROR.'),
  networkDelay: integer(
    0,
    0,
    600_000,
    'Milliseconds from RDY, or from the PIN, until the module is registered.',
  ),
  registration: choice(
    ['accepted', 'denied'],
    'What the network answers to the module: AT+CREG? says 1, or 3 with a cause in AT+CEER.',
  ),
  imei: text('861107030000017', 'Serial number of the module, AT+CGSN.', /^\d{15}$/, 'fifteen digits'),
  pin: text('', 'SIM PIN; empty = the SIM wants none.', /^(\d{4,8})?$/, 'four to eight digits, or empty'),
  puk: text('12345678', 'SIM PUK, wanted after three wrong PINs.', /^\d{8}$/, 'eight digits'),
  simDelay: integer(
    0,
    0,
    600_000,
    'Milliseconds from RDY, AT+CFUN=1 or its insertion until the SIM can be talked to.',
  ),
  simStarting: choice(
    ['busy', 'absent', 'failure', 'not-ready', 'error'],
    'What AT+CPIN? answers until then: +CME ERROR: 14, 10 or 13, +CPIN: NOT READY, or ERROR.',
  ),
};

type Value<T> = T extends Option<infer V> ? V : never;
export type OptionName = keyof typeof OPTIONS;
export type SimulatorOptions = { [Name in OptionName]: Value<(typeof OPTIONS)[Name]> };

export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];

/**
 * Checks options from an untrusted source: a flow file, a command line. Numbers and flags may be strings; missing and empty ones
 * become the default.
 * @throws Error that names the option and what it may be
 */
export function parseOptions(input: unknown): SimulatorOptions {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new Error('Simulator options must be an object');
  }
  const unknown = Object.keys(input).find((name) => !Object.hasOwn(OPTIONS, name));
  if (unknown !== undefined) {
    throw new Error(`Unknown simulator option "${unknown}"; there are: ${OPTION_NAMES.join(', ')}`);
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
