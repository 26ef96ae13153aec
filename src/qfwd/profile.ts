/**
 * What a firmware was measured to do where the manual leaves it open or contradicts itself. What is not known is missing,
 * and then everything works as if it could be either.
 */
import { type Dialect, SPELLINGS } from './dialect';

const NUMBER = 'number';

/** Every fact: the words it may be, or that it is a number. */
export const FACTS = {
  /** How long a query takes to be answered, in ms: mostly, and at most. */
  roundTrip: NUMBER,
  slowest: NUMBER,
  /** Bytes of payload a second that commands of full length carry. */
  rate: NUMBER,
  /** What asks for the data of AT+QFWDSEND: `\r\n> `, `\r\n>` or `\r\n>\r\n`. */
  prompt: ['blank', 'bare', 'line'],
  /** Whether OK or the open URC comes first. */
  openOrder: ['ok-first', 'urc-first'],
  /** `result` of the URC `client/open` when nobody listens. */
  refused: NUMBER,
  /** Whether an accepted connection gets the socket id of one that was closed before. */
  acceptedIds: ['reused', 'fresh'],
  /** Whether a UDP server accepts each peer under an id, or has one for all. */
  udpServer: ['per-peer', 'shared'],
  /** HEX: all 256 values. */
  hex: ['transparent', 'altered'],
  /** Raw in variable length: all values but Ctrl-Z and ESC, which end it. */
  variable: ['transparent', 'altered'],
  /** Raw in fixed length: all values; or Ctrl-Z or ESC end it as well. */
  fixed: ['transparent', 'ends', 'altered'],
  /** What `send_len`, `actual_send_len` and the limit of 1024 count under HEX. */
  hexLength: ['bytes', 'digits'],
  hexTaken: ['bytes', 'digits'],
  hexLimit: ['bytes', 'digits'],
  /** The most bytes that one AT+QFWDSEND took. */
  perSend: NUMBER,
  /** Sizes of the queues of a socket, in bytes. */
  sendMax: NUMBER,
  recvMax: NUMBER,
  /** What the answer to a read begins with. */
  readHeader: ['QFWDRECV', 'QFWDPRECV', 'QFWDACK'],
  /** What a read says that finds nothing; perhaps not even that. */
  emptyRead: ['zero', 'error', 'silent'],
  /** `client/read`: once until all is read, at every arrival, once with the length; or never at the port listened to. */
  readReport: ['once', 'repeated', 'length', 'none'],
} as const;

export type Fact = keyof typeof FACTS;

export type Facts = {
  readonly [Name in Fact]?: (typeof FACTS)[Name] extends readonly (infer Word)[] ? Word : number;
};

export interface Profile {
  /** The version as the module says it; a profile is worth nothing for another one. */
  readonly firmware: string;
  readonly dialect: Dialect;
  /** Commands that this firmware has not got, without AT+. */
  readonly lacks: readonly string[];
  readonly facts: Facts;
  /** Why no more could be measured. */
  readonly obstacle?: string;
}

/** Whether something that was kept outside of this program is a profile still. */
export function isProfile(value: unknown): value is Profile {
  if (!isRecord(value)) return false;
  const { firmware, dialect, lacks, facts, obstacle } = value;
  return (
    typeof firmware === 'string' &&
    isRecord(dialect) &&
    Object.entries(SPELLINGS).every(([name, words]) => words.some((word) => word === dialect[name])) &&
    Array.isArray(lacks) &&
    lacks.every((name) => typeof name === 'string') &&
    isRecord(facts) &&
    Object.entries(facts).every(([name, fact]) => isFact(name, fact)) &&
    (obstacle === undefined || typeof obstacle === 'string')
  );
}

function isFact(name: string, value: unknown): boolean {
  if (!Object.hasOwn(FACTS, name)) return false;
  const words: typeof NUMBER | readonly string[] = FACTS[name as Fact];
  return words === NUMBER ? Number.isFinite(value) : words.some((word) => word === value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
