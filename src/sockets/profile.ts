/**
 * What a firmware was measured to do where the manual is silent or contradictory. Unknown facts are missing; the driver
 * then assumes nothing about them.
 */
export interface Profile {
  /** The command family; see `SocketFamily.name`. */
  readonly family: string;
  /** The firmware version as the module reports it; a profile is valid for this version only. */
  readonly firmware: string;
  /** The command spellings of the module, as named by its family. */
  readonly dialect: Readonly<Record<string, string>>;
  /** Commands missing in this firmware, without AT+. */
  readonly lacks: readonly string[];
  readonly facts: Facts;
  /** Why no more could be measured. */
  readonly obstacle?: string;
}

const NUMBER = 'number';

/** Facts of any family: the allowed words, or a number. */
export const COMMON_FACTS = {
  /** Response time of a query, in ms: typical and maximum. */
  roundTrip: NUMBER,
  slowest: NUMBER,
  /** Payload bytes per second with commands of full length. */
  rate: NUMBER,
  /** Maximum commands on one command line, up to eight. */
  perLine: NUMBER,
  /** Whether OK or the open URC comes first. */
  openOrder: ['ok-first', 'urc-first'],
  /** `result` of the open URC when the remote port has no listener. */
  refused: NUMBER,
  /** Whether an accepted connection gets the socket id of one closed before. */
  acceptedIds: ['reused', 'fresh'],
  /** Whether a UDP server has one id for each peer, or one for all. */
  udpServer: ['per-peer', 'shared'],
  /** The response to a read of an empty buffer; `silent` = none. */
  emptyRead: ['zero', 'error', 'silent'],
  /**
   * The URC for readable data: once until all is read, at every arrival, once with the length; or never at this port.
   */
  readReport: ['once', 'repeated', 'length', 'none'],
} as const;

/** The allowed values of each fact. */
export type FactTable = Readonly<Record<string, typeof NUMBER | readonly string[]>>;

/** The facts of a table, as far as known. */
export type FactsOf<Table extends FactTable> = {
  readonly [Name in keyof Table]?: Table[Name] extends readonly (infer Word)[] ? Word : number;
};

export type CommonFacts = FactsOf<typeof COMMON_FACTS>;

/** Facts of one family in addition to the common ones. */
export type Facts = CommonFacts & Readonly<Record<string, string | number | undefined>>;

/** The same during measurement. */
export type Found<Known extends object = Facts> = { -readonly [Name in keyof Known]: Known[Name] };

/** Whether a value from storage is a valid profile of this family. */
export function isProfileOf(
  value: unknown,
  family: string,
  spellings: Readonly<Record<string, readonly string[]>>,
  table: FactTable,
): value is Profile {
  if (!isRecord(value)) return false;
  const { firmware, dialect, lacks, facts, obstacle } = value;
  return (
    value.family === family &&
    typeof firmware === 'string' &&
    isRecord(dialect) &&
    Object.entries(spellings).every(([name, words]) => words.some((word) => word === dialect[name])) &&
    Array.isArray(lacks) &&
    lacks.every((name) => typeof name === 'string') &&
    isRecord(facts) &&
    Object.entries(facts).every(([name, fact]) => isFact(table, name, fact)) &&
    (obstacle === undefined || typeof obstacle === 'string')
  );
}

function isFact(table: FactTable, name: string, value: unknown): boolean {
  const words = Object.hasOwn(table, name) ? table[name] : undefined;
  if (words === NUMBER) return Number.isFinite(value);
  return words?.some((word) => word === value) ?? false;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
