/** An AT command from the user: checked to be a single command that does not interfere with the driver. */
import { type Command, shown } from '../../at';
import { QfwdError, quoted } from '../errors';
import { answerTime } from './answer-times';

export interface RawAnswer {
  readonly command: string;
  readonly lines: readonly string[];
  readonly result: 'OK';
}

/** In characters. The manual has no longer command, and a module takes no line without end. */
const LONGEST = 4096;

type CommandLine = Pick<Command, 'text' | 'isSecret'>;

/** Basic commands (V.250 6) that keep the response format and the command mode. */
const BASIC = /^(|I\d*|H\d*|&V\d*|&W\d*|S\d+\?|S0=\d+)$/;

const READ = 'what is read belongs to the qfwd-recv nodes: use one of them';

const PUSH = 'received data would come between other lines: use access mode 0 (the last parameter)';

/** Parameters of AT+QICFG that change the form of data, results or URCs, or the life of a socket. */
const QICFG =
  'VIEWMODE|DATAFORMAT|UDP/READMODE|RECVIND|RECV/IGNORE|SENDINFO|TCP/SENDMODE|PASSIVECLOSED|CLOSE/MODE|TCP/ACCEPT|FORMATCFG';

/** Extended commands that would interfere with the driver, with the reason and, where possible, an alternative. */
const REFUSED: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^\+QFWDSEND=/, 'it asks for data: use qfwd-send'],
  [/^\+QFWDRECV=/, READ],
  [/^\+QFWDACK=\d+,/, READ],
  [
    /^\+(QHTTPREAD=|QFTPGET="[^"]*","COM:)/,
    'its answer is raw data without a length, which could not be told from what the module says',
  ],
  [/^\+QFWDCFG="?URC_WITH_LEN/, 'it changes the form of URCs'],
  [/^\+QURCCFG=(?!"?URCPORT)/, 'it changes the form of URCs'],
  [new RegExp(`^\\+QICFG="?(${QICFG})"?,`), 'it changes the form of data or of URCs, or how sockets end'],
  [/^\+QISDE=1/, 'it sends payload back in front of the response'],
  [/^\+((IPR|ICF|IFC|CMUX)=|QCFG="?USBCFG"?,)/, 'it changes how the port works: set that in the modem node'],
  [
    /^\+(CMGS|CMGW|CMGC|CNMA|QCMGS|QSSLSEND|QMTPUB(EX)?|QHTTPPOST|QHTTPURL|QSMTPBODY|QFUPL|QFWRITE|QFDWL)=/,
    'it asks for data after the command',
  ],
  [/^\+QISEND=(?!\d+,0$)/, 'it asks for data: use qfwd-send'],
  // Without an access mode, some firmware takes 1.
  [/^\+(QIOPEN=(?!([^,]*,){6}[02])|QSSLOPEN=(?!([^,]*,){5}[02])|QISWTMD=\d+,1$)/, PUSH],
  // Access mode 2 is the transparent access mode.
  [
    /^\+(CGDATA=|QISWTMD=\d+,2$|QIOPEN=([^,]*,){6}2$|QSSLOPEN=([^,]*,){5}2$)/,
    'it turns the port over to a connection',
  ],
];

/** Commands that must not be repeated automatically after every connect. */
const NOT_REPEATED: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^\+CPIN2?=(?!\?)/i, 'the third wrong one locks the SIM: set the SIM PIN of the modem node instead'],
  [/^\+(CLCK="[^"]*",[01]|CPWD=)(?!\?)/i, 'the third wrong password locks the SIM'],
  [/^\+(CFUN=\d+,1|QPOWD|QFOTADL=(?!\?))/i, 'restarts the module each time'],
  [/^(&W|\+QPRTPARA=[13])/i, 'wears out the flash memory of the module'],
];

/**
 * Commands whose answers hold raw data, with the line that says how much follows it. It may be from others, and look like
 * anything that a module says.
 */
const RAW_DATA: readonly (readonly [command: RegExp, header: RegExp])[] = [
  [/^AT\s*\+\s*QFREAD\s*=/i, /^CONNECT (\d+)$/],
  [/^AT\s*\+\s*QSSLRECV\s*=/i, /^\+QSSLRECV: (\d+)$/],
  [/^AT\s*\+\s*QIRD\s*=/i, /^\+QIRD: (\d+)(?:,"[^"]*",\d+)?$/],
];

/** In ms. Long enough to activate a PDP context, which takes up to 150 s by the manual. */
const INIT_TIMEOUT = 180_000;

/**
 * The command, as a descriptor.
 * @param timeout in ms; default: the limit in the manual, or else the usual command timeout
 * @throws {QfwdError} `QFWD_INVALID`
 */
export function rawCommand(text: string, timeout?: number): Command<RawAnswer> {
  const command = text.trim();
  checkCommand(command);
  const limit = timeout ?? answerTime(command);
  return {
    text: command,
    isTyped: true,
    ...(limit !== undefined && { timeout: limit }),
    ...rawData(command),
    decode: ({ lines, block }) => {
      const said = block ? block.toString().split(/\r?\n/) : [];
      return { command, lines: [...lines, ...said], result: 'OK' };
    },
  };
}

function rawData(command: string): Pick<Command, 'block'> {
  const header = RAW_DATA.find(([pattern]) => pattern.test(command))?.[1];
  return header ? { block: (line) => Number(header.exec(line)?.[1] ?? 0) } : {};
}

/**
 * A command that is executed after every connect.
 * @throws {QfwdError} `QFWD_INVALID`
 */
export function initCommand({ text, isSecret = false }: CommandLine): Command<RawAnswer> {
  const reason = objectionToInit(text.trim());
  if (reason !== undefined) throw refusal({ text, isSecret }, reason);
  return { ...rawCommand(text, INIT_TIMEOUT), isSecret };
}

/**
 * Checks an AT command from the user, without leading and trailing blanks.
 * @throws {QfwdError} `QFWD_INVALID`, with the reason
 */
export function checkCommand(text: string): void {
  const reason = objectionTo(text);
  if (reason !== undefined) throw refusal({ text }, reason);
}

/**
 * Checks a command that is executed after every connect; see {@link checkCommand}.
 * @throws {QfwdError} `QFWD_INVALID`, with the reason
 */
export function checkInitLine(text: string): void {
  const reason = objectionToInit(text);
  if (reason !== undefined) throw refusal({ text }, reason);
}

/** Why {@link checkCommand} throws, if it does. */
function objectionTo(text: string): string | undefined {
  if (text.length > LONGEST) return `it is longer than ${LONGEST} characters`;
  if (/\p{Cc}/u.test(text)) return 'it holds control characters; one command has one line';
  if (!/^AT/i.test(text)) return 'it does not begin with AT';
  // Modules ignore blanks outside strings, so they are removed before the check.
  const command = text
    .slice(2)
    .toUpperCase()
    .replace(/("[^"]*")|\s+/g, '$1');
  if (command.replace(/"[^"]*"/g, '').includes(';')) return 'it holds more than one command';
  if (!/^[+$^*%]/.test(command)) {
    if (BASIC.test(command)) return undefined;
    return 'it may change echo, the form of answers or the mode of the port';
  }
  // Test commands have no side effects.
  if (command.endsWith('=?')) return undefined;
  return REFUSED.find(([pattern]) => pattern.test(command))?.[1];
}

/** Why {@link checkInitLine} throws, if it does. */
export function objectionToInit(text: string): string | undefined {
  const objection = objectionTo(text);
  if (objection !== undefined) return objection;
  const command = text.replace(/("[^"]*")|\s+/g, '$1').slice(2);
  const rule = NOT_REPEATED.find(([pattern]) => pattern.test(command));
  return rule && `it would be executed after every connect, and ${rule[1]}`;
}

/** Whether a command may open or close sockets without the driver. */
export function changesSockets(text: string): boolean {
  return /^AT\s*\+\s*(QFWD\w*|CFUN|QI(OPEN|CLOSE|DEACT|DEACTEX|ACCEPT))\s*=(?!\s*\?)/i.test(text);
}

function refusal(line: CommandLine, reason: string): QfwdError {
  const command = shown({ ...line, text: line.text.slice(0, LONGEST) });
  return new QfwdError('QFWD_INVALID', `refused: ${reason}: ${quoted(command)}`);
}
