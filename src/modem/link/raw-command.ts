/** One AT command that a user typed: checked so that it stays one, and leaves the driver its footing. */
import { type Command, masked } from '../../at';
import { QfwdError } from '../errors';
import { answerTime } from './answer-times';

export interface RawAnswer {
  readonly command: string;
  readonly lines: readonly string[];
  readonly result: 'OK';
}

/** Basic commands (V.250 6) that neither change the form of answers nor leave command mode. */
const BASIC = /^(|I\d*|H\d*|&V\d*|&W\d*|S\d+\?|S0=\d+)$/;

/** Extended commands that would pull the rug from under the driver, and what to do instead. */
const REFUSED: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^\+QFWDSEND=/, 'it asks for data: use qfwd-send'],
  [/^\+QFWDRECV=/, 'what is read belongs to the qfwd-recv nodes: use one of them'],
  [/^\+QFWDACK=\d+,/, 'what is read belongs to the qfwd-recv nodes: use one of them'],
  [/^\+QFWDCFG="?URC_WITH_LEN/, 'it changes the form of URCs'],
  [/^\+QURCCFG=(?!"?URCPORT)/, 'it changes the form of URCs'],
  [/^\+((IPR|ICF|IFC|CMUX)=|QCFG="?USBCFG"?,)/, 'it changes how the port works: set that in the modem node'],
  [
    /^\+(CMGS|CMGW|CMGC|CNMA|QCMGS|QISEND|QSSLSEND|QMTPUB(EX)?|QHTTPPOST|QHTTPURL|QSMTPBODY|QFUPL|QFWRITE|QFDWL)=/,
    'it asks for data after the command',
  ],
  // Access mode 2 is transparent.
  [
    /^\+(CGDATA=|QISWTMD=\d+,2$|QIOPEN=([^,]*,){6}2$|QSSLOPEN=([^,]*,){5}2$)/,
    'it turns the port over to a connection',
  ],
];

/** What is to be done once, when a person wants it, and never again by itself. */
const NOT_REPEATED: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^\+CPIN2?=(?!\?)/i, 'the third wrong one locks the SIM: set the SIM PIN of the modem node instead'],
  [/^\+(CLCK="[^"]*",[01]|CPWD=)(?!\?)/i, 'the third wrong password locks the SIM'],
  [/^\+(CFUN=\d+,1|QPOWD|QFOTADL=(?!\?))/i, 'restarts the module each time'],
  [/^(&W|\+QPRTPARA=[13])/i, 'wears out the flash memory of the module'],
];

/** Activating a PDP context may take so long; its manual says 150 s. */
const INIT_TIMEOUT = 180_000;

/**
 * The command, as a descriptor.
 * @param timeout ms; when missing, what its manual says, or else the usual one
 * @throws {QfwdError} `QFWD_INVALID`
 */
export function rawCommand(text: string, timeout?: number): Command<RawAnswer> {
  const command = text.trim();
  checkCommand(command);
  const limit = timeout ?? answerTime(command);
  return {
    text: command,
    ...(limit !== undefined && { timeout: limit }),
    decode: ({ lines }) => ({ command, lines, result: 'OK' }),
  };
}

/**
 * A command that is executed after every connect.
 * @throws {QfwdError} `QFWD_INVALID`
 */
export function initCommand(text: string): Command<RawAnswer> {
  checkInitLine(text.trim());
  return rawCommand(text, INIT_TIMEOUT);
}

/**
 * Checks what a user typed as an AT command, without blanks around it.
 * @throws {QfwdError} `QFWD_INVALID`, with the reason
 */
export function checkCommand(text: string): void {
  if (/\p{Cc}/u.test(text)) throw refusal(text, 'it holds control characters; one command has one line');
  if (!/^AT/i.test(text)) throw refusal(text, 'it does not begin with AT');
  // Modules skip blanks outside strings, so they must not hide anything.
  const command = text
    .slice(2)
    .toUpperCase()
    .replace(/("[^"]*")|\s+/g, '$1');
  if (command.replace(/"[^"]*"/g, '').includes(';')) throw refusal(text, 'it holds more than one command');
  if (!/^[+$^*%]/.test(command)) {
    if (BASIC.test(command)) return;
    throw refusal(text, 'it may change echo, the form of answers or the mode of the port');
  }
  // Test commands do nothing.
  if (command.endsWith('=?')) return;
  const rule = REFUSED.find(([pattern]) => pattern.test(command));
  if (rule) throw refusal(text, rule[1]);
}

/**
 * Checks what is to be executed after every connect, as often as that is: see {@link checkCommand}.
 * @throws {QfwdError} `QFWD_INVALID`, with the reason
 */
export function checkInitLine(text: string): void {
  checkCommand(text);
  const command = text.replace(/("[^"]*")|\s+/g, '$1').slice(2);
  const rule = NOT_REPEATED.find(([pattern]) => pattern.test(command));
  if (rule) throw refusal(text, `it would be executed after every connect, and ${rule[1]}`);
}

/** Whether a command may open or close sockets behind the driver's back. */
export function changesSockets(text: string): boolean {
  return /^AT\s*\+\s*(QFWD\w*|CFUN)\s*=(?!\s*\?)/i.test(text);
}

function refusal(text: string, reason: string): QfwdError {
  return new QfwdError('QFWD_INVALID', `${JSON.stringify(masked(text))} is refused: ${reason}`);
}
