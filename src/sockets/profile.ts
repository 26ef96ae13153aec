/**
 * What a firmware was measured to do where the manual leaves it open or contradicts itself. What is not known is missing,
 * and then everything works as if it could be either.
 */
export interface Profile {
  /** Of which family of commands; see `SocketFamily.name`. */
  readonly family: string;
  /** The version as the module says it; a profile is worth nothing for another one. */
  readonly firmware: string;
  /** The spellings that the module knows, in the words of its family. */
  readonly dialect: Readonly<Record<string, string>>;
  /** Commands that this firmware has not got, without AT+. */
  readonly lacks: readonly string[];
  readonly facts: Facts;
  /** Why no more could be measured. */
  readonly obstacle?: string;
}

const NUMBER = 'number';

/** Facts of any family: the words each may be, or that it is a number. */
export const COMMON_FACTS = {
  /** How long a query takes to be answered, in ms: mostly, and at most. */
  roundTrip: NUMBER,
  slowest: NUMBER,
  /** Bytes of payload a second that commands of full length carry. */
  rate: NUMBER,
  /** Whether OK or the open URC comes first. */
  openOrder: ['ok-first', 'urc-first'],
  /** `result` of the open URC when nobody listens. */
  refused: NUMBER,
  /** Whether an accepted connection gets the socket id of one that was closed before. */
  acceptedIds: ['reused', 'fresh'],
  /** Whether a UDP server accepts each peer under an id, or has one for all. */
  udpServer: ['per-peer', 'shared'],
  /** What a read says that finds nothing; perhaps not even that. */
  emptyRead: ['zero', 'error', 'silent'],
  /** The URC for readable data: once until all is read, at every arrival, once with the length; or never at this port. */
  readReport: ['once', 'repeated', 'length', 'none'],
} as const;

/** What each fact may be. */
export type FactTable = Readonly<Record<string, typeof NUMBER | readonly string[]>>;

/** The facts of a table, as far as they are known. */
export type FactsOf<Table extends FactTable> = {
  readonly [Name in keyof Table]?: Table[Name] extends readonly (infer Word)[] ? Word : number;
};

export type CommonFacts = FactsOf<typeof COMMON_FACTS>;

/** Facts of one family besides the common ones. */
export type Facts = CommonFacts & Readonly<Record<string, string | number | undefined>>;

/** The same while they are being found out. */
export type Found<Known extends object = Facts> = { -readonly [Name in keyof Known]: Known[Name] };

/** Whether something that was kept outside of this program is a profile of this family, in its words. */
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
