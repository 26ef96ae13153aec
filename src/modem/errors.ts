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
    const known = Object.entries(details).filter(([, value]) => value !== undefined);
    // Of an error's properties, Node-RED shows a Catch node only `code` and `cause`, and 4.0 not even `code`.
    super(message, { cause: { code, ...Object.fromEntries(known) } });
    Object.assign(this, Object.fromEntries(known));
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

/** Any failure of the layers below, as a flow gets to see it. */
export function toQfwdError(error: unknown): QfwdError {
  if (error instanceof QfwdError) return error;
  if (error instanceof AtError) {
    const text = error.failure === 'lost' ? `the modem was lost (${error.message})` : error.message;
    return new QfwdError(CODES[error.failure], text, { cme: error.cme });
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof InvalidParameter) return new QfwdError('QFWD_INVALID', message);
  return new QfwdError('QFWD_OFFLINE', message);
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
