import { inspect } from 'node:util';
import { AtError, type CmeError, InvalidParameter } from '../at';

/** What a flow can tell failures apart by. */
export type QfwdErrorCode =
  /** Bad input; nothing was sent. */
  | 'QFWD_INVALID'
  /** The modem is not there. */
  | 'QFWD_OFFLINE'
  /** The module said ERROR. */
  | 'QFWD_REJECTED'
  /** The open URC said so. */
  | 'QFWD_OPEN_FAILED'
  /** No such socket, or it closed. */
  | 'QFWD_CLOSED'
  | 'QFWD_TIMEOUT'
  | 'QFWD_QUEUE_FULL'
  /** The line failed in mid-command: the payload may have been sent or not, or data that was read may be lost. */
  | 'QFWD_UNKNOWN_OUTCOME'
  /** This firmware lacks the command. */
  | 'QFWD_UNSUPPORTED';

/** How much of a value an error or a log line quotes, in characters. */
const QUOTED_LENGTH = 80;
/** How long the text of an error is at most, whatever it is made of. */
const MESSAGE_LENGTH = 1000;

export interface QfwdErrorDetails {
  readonly cme?: CmeError | undefined;
  /** `result` of an open URC. */
  readonly result?: number | undefined;
  /** How many bytes of the payload the module had taken before. */
  readonly sent?: number | undefined;
}

export class QfwdError extends Error {
  declare readonly cme?: CmeError;
  declare readonly result?: number;
  declare readonly sent?: number;

  constructor(
    readonly code: QfwdErrorCode,
    message: string,
    details: QfwdErrorDetails = {},
  ) {
    const known = Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined));
    // Of an error's properties, Node-RED shows a Catch node only `code` and `cause`, and 4.0 not even `code`.
    super(shortened(message, MESSAGE_LENGTH), { cause: new Cause({ code, ...known }) });
    Object.assign(this, known);
  }
}

/** The code of an error and its details. A debug node shows it as text. */
class Cause {
  constructor(details: QfwdErrorDetails & { readonly code: QfwdErrorCode }) {
    Object.assign(this, details);
  }

  toString(): string {
    const { code, ...details } = this as unknown as Record<string, unknown>;
    return [code, ...Object.entries(details).map(([name, value]) => `${name} ${String(value)}`)].join(', ');
  }
}

const CODES = {
  rejected: 'QFWD_REJECTED',
  timeout: 'QFWD_TIMEOUT',
  lost: 'QFWD_OFFLINE',
  cancelled: 'QFWD_CLOSED',
  noPrompt: 'QFWD_TIMEOUT',
  full: 'QFWD_QUEUE_FULL',
  malformed: 'QFWD_REJECTED',
} as const;

/**
 * Any failure as a flow gets to see it. Never throws, whatever was thrown.
 * @param otherwise the code of what is no failure of the layers below
 */
export function toQfwdError(thrown: unknown, otherwise: QfwdErrorCode = 'QFWD_OFFLINE'): QfwdError {
  try {
    if (thrown instanceof QfwdError) return thrown;
    if (thrown instanceof AtError) return fromAtError(thrown);
    if (thrown instanceof InvalidParameter) return new QfwdError('QFWD_INVALID', thrown.message);
  } catch {
    // It cannot even be asked what it is.
  }
  return new QfwdError(otherwise, messageOf(thrown));
}

function fromAtError({ failure, message, cme }: AtError): QfwdError {
  const text = failure === 'lost' ? `the modem was lost (${message})` : message;
  return new QfwdError(CODES[failure], text, { cme });
}

/** What was thrown, in words. Never throws, whatever that was. */
export function messageOf(thrown: unknown): string {
  try {
    const text = typeof thrown === 'string' ? thrown : (thrown as { readonly message?: unknown }).message;
    if (typeof text === 'string' && text !== '') return shortened(text, MESSAGE_LENGTH);
  } catch {
    // No text can be had of it.
  }
  return quoted(thrown);
}

/** A value of a message, a setting or the module, as an error or a log line quotes it. Never throws. */
export function quoted(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shortened(value));
  try {
    const shown = inspect(value, { depth: -1, breakLength: Infinity, customInspect: false });
    return shortened(shown.replace(/\s+/g, ' '));
  } catch {
    return 'something that cannot be shown';
  }
}

/** The beginning of a text that is too long, with an ellipsis. No character is cut in two. */
export function shortened(text: string, length = QUOTED_LENGTH): string {
  return text.length > length ? `${text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')}…` : text;
}

/** `AT+QFWDACK` of a refusal of `AT+QFWDACK=7`. */
export function commandName({ command = '' }: AtError): string {
  return command.split(/[?=]/, 1).join();
}

export function offline(): QfwdError {
  return new QfwdError(
    'QFWD_OFFLINE',
    'the modem is not connected: the log says why, and what is sent once it is back will go out',
  );
}

/** `live`, or throws. @throws {QfwdError} `QFWD_OFFLINE` */
export function orOffline<T>(live: T | undefined): T {
  if (live === undefined) throw offline();
  return live;
}

export function noSuchSocket(socketId: number): QfwdError {
  return new QfwdError(
    'QFWD_CLOSED',
    `there is no socket ${socketId}: take socketId from a message of a server, client or receive node`,
  );
}

/** What is read is gone from the module, so an answer that is lost may have been data. */
export function readFailure(socketId: number, error: AtError): QfwdError {
  const reason = toQfwdError(error);
  if (!error.mayHaveHappened) return reason;
  const text = `the answer to a read was lost, and with it perhaps data of socket ${socketId}: ${reason.message}`;
  return new QfwdError('QFWD_UNKNOWN_OUTCOME', text);
}

/** Data of a socket id that may have become another connection before it was read. */
export function doubtfulData(socketId: number, bytes: number): QfwdError {
  const text =
    `${bytes} bytes of socket ${socketId} are given to nobody: ` +
    'its id may have become another connection meanwhile, so nobody knows whose they are';
  return new QfwdError('QFWD_UNKNOWN_OUTCOME', text);
}

/** AT commands name a connection by its socket id only. */
export function closedByMistake(socketId: number): QfwdError {
  const text =
    `socket ${socketId} was closed by a command for the connection before it, which reached the module too late: ` +
    'what it held unread is lost';
  return new QfwdError('QFWD_UNKNOWN_OUTCOME', text);
}
