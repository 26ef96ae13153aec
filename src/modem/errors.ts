import { inspect, types } from 'node:util';
import { AtError, type CmeError, InvalidParameter } from '../at';
import type { Peer } from '../sockets';

/** Error codes for flows. */
export type QfwdErrorCode =
  /** Bad input; nothing was sent. */
  | 'QFWD_INVALID'
  /** The modem is not available. */
  | 'QFWD_OFFLINE'
  /** The module answered ERROR. */
  | 'QFWD_REJECTED'
  /** The open URC reported a failure. */
  | 'QFWD_OPEN_FAILED'
  /** No such socket, or it closed. */
  | 'QFWD_CLOSED'
  | 'QFWD_TIMEOUT'
  | 'QFWD_QUEUE_FULL'
  /** The line failed during a command: the payload may or may not have been sent, or data already read may be lost. */
  | 'QFWD_UNKNOWN_OUTCOME'
  /** This firmware lacks the command. */
  | 'QFWD_UNSUPPORTED';

/** Maximum length of a value quoted in an error or a log line, in characters. */
const QUOTED_LENGTH = 80;
/** Maximum length of an error message. */
const MESSAGE_LENGTH = 1000;

export interface QfwdErrorDetails {
  readonly cme?: CmeError | undefined;
  /** `result` of an open URC. */
  readonly result?: number | undefined;
  /** Why the mobile network cannot be used, where that is the reason. */
  readonly obstacle?: 'no-sim' | 'locked' | 'no-network' | 'denied' | undefined;
  /** Bytes of the payload that the module had accepted before. */
  readonly sent?: number | undefined;
  /** Bytes that were read and not passed on, as they may belong to another connection. */
  readonly discarded?: number | undefined;
  /** Why it failed, in words; of a TLS handshake. */
  readonly reason?: string | undefined;
}

export class QfwdError extends Error {
  declare readonly cme?: CmeError;
  declare readonly result?: number;
  declare readonly obstacle?: NonNullable<QfwdErrorDetails['obstacle']>;
  declare readonly sent?: number;
  declare readonly discarded?: number;
  declare readonly reason?: string;

  constructor(
    readonly code: QfwdErrorCode,
    message: string,
    details: QfwdErrorDetails = {},
  ) {
    const known = Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined));
    // Node-RED passes only `code` and `cause` of an error to a Catch node, and 4.0 not even `code`.
    super(shortened(message, MESSAGE_LENGTH), { cause: new Cause({ code, ...known }) });
    Object.assign(this, known);
  }

  /** The same error in other words. @param details others than before */
  withMessage(message: string, details: QfwdErrorDetails = {}): QfwdError {
    return new QfwdError(this.code, message, { ...(this.cause as QfwdErrorDetails), ...details });
  }
}

/** The code and details of an error. A debug node shows it as text. */
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
  mixed: 'QFWD_TIMEOUT',
  full: 'QFWD_QUEUE_FULL',
  malformed: 'QFWD_REJECTED',
} as const;

/**
 * Converts any thrown value to the error for flows. Never throws.
 * @param otherwise the code for errors unknown to the layers below
 */
export function toQfwdError(thrown: unknown, otherwise: QfwdErrorCode = 'QFWD_OFFLINE'): QfwdError {
  try {
    if (thrown instanceof QfwdError) return thrown;
    if (thrown instanceof AtError) return fromAtError(thrown);
    if (thrown instanceof InvalidParameter) return new QfwdError('QFWD_INVALID', thrown.message);
  } catch {
    // The value cannot be inspected.
  }
  return new QfwdError(otherwise, messageOf(thrown));
}

function fromAtError({ failure, message, cme }: AtError): QfwdError {
  const text = failure === 'lost' ? `the modem was lost (${message})` : message;
  return new QfwdError(CODES[failure], text, { cme });
}

/** The message of a thrown value. Never throws. */
export function messageOf(thrown: unknown): string {
  try {
    const text = typeof thrown === 'string' ? thrown : (thrown as { readonly message?: unknown }).message;
    if (typeof text === 'string' && text !== '') return shortened(text, MESSAGE_LENGTH);
  } catch {
    // The value cannot be converted to text.
  }
  return quoted(thrown);
}

/** A value from a message, a setting or the module, quoted for an error or a log line. Never throws. */
export function quoted(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shortened(value));
  try {
    // `inspect` makes a key of each of its characters.
    if (types.isStringObject(value)) return quoted(String.prototype.valueOf.call(value));
    const shown = inspect(value, { depth: -1, breakLength: Infinity, customInspect: false });
    return shortened(shown.replace(/\s+/g, ' '));
  } catch {
    return 'something that cannot be shown';
  }
}

/** Truncates a long text, with an ellipsis. Keeps surrogate pairs whole. */
export function shortened(text: string, length = QUOTED_LENGTH): string {
  return text.length > length ? `${text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')}…` : text;
}

/** `AT+QFWDACK` for a rejected `AT+QFWDACK=7`. */
export function commandName({ command = '' }: AtError): string {
  return command.split(/[?=]/, 1).join();
}

export function offline(): QfwdError {
  return new QfwdError(
    'QFWD_OFFLINE',
    'the modem is not connected: the log says why. Send again when it is connected',
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

/** @param peer its remote end, as far as known */
export function connectionClosed(
  socketId: number,
  peer: Partial<Peer> = {},
  details?: QfwdErrorDetails,
): QfwdError {
  const text = `closed: the connection of socket ${socketId} has ended${peerInWords(peer)}`;
  return new QfwdError('QFWD_CLOSED', text, details);
}

/** Such as ` (peer 10.0.0.1, port 80)`; empty if it is unknown. */
export function peerInWords({ ip, port }: { readonly ip?: unknown; readonly port?: unknown }): string {
  return typeof ip === 'string' && typeof port === 'number' ? ` (peer ${shortened(ip)}, port ${port})` : '';
}

/** A read removes data from the module, so a lost response may have contained data. */
export function readFailure(socketId: number, error: AtError): QfwdError {
  const reason = toQfwdError(error);
  if (!error.mayHaveHappened) return reason;
  const text = `the answer to a read was lost, and with it perhaps data of socket ${socketId}: ${reason.message}`;
  return new QfwdError('QFWD_UNKNOWN_OUTCOME', text);
}

/** Data of a socket id that may have become another connection before the read. */
export function doubtfulData(socketId: number, bytes: number): QfwdError {
  const text =
    `${bytes} bytes of socket ${socketId} are discarded: ` +
    'the module may have given its id to another connection meanwhile, so they may belong to either';
  return new QfwdError('QFWD_UNKNOWN_OUTCOME', text, { discarded: bytes });
}

/** AT commands identify a connection by its socket id only. */
export function closedByMistake(socketId: number): QfwdError {
  const text =
    `socket ${socketId} was closed by a command for the connection before it, which reached the module too late: ` +
    'its unread data is lost';
  return new QfwdError('QFWD_UNKNOWN_OUTCOME', text);
}
