/** What is measured over the loopback, one question after the other, each on a connection in which nothing waits. */
import { AtError } from '../at';
import {
  ALL_BYTES,
  bytesTaken,
  CROWD,
  CTRL_Z,
  DOUBLES,
  EDGES,
  ESC,
  type Facts,
  fixedHex,
  FULL_LENGTH,
  last,
  LINE_ENDS,
  LONG_HEX,
  lone,
  MAX_LENGTH,
  promptIn,
  queueFigures,
  readHeaderIn,
  readReport,
  send,
  unit,
  VARIABLE_BYTES,
  VARIABLE_DOUBLES,
} from '../qfwd';
import { isRejection, QfwdError } from './errors';
import type { LineTap } from './line-tap';
import type { CalibrationLine } from './calibration-line';
import type { Loopback, Pair } from './loopback';

/** Answers, as far as they are known. */
export type Found = { -readonly [Name in keyof Facts]: Facts[Name] };

export interface Bench {
  readonly line: CalibrationLine;
  readonly loopback: Loopback;
  readonly tap: LineTap;
  readonly found: Found;
}

const CR = 0x0d;

type Question = (bench: Bench, pair: Pair) => Promise<void>;

/** In this order, as the later ones use what the earlier ones have found. */
export const QUESTIONS: readonly Question[] = [
  askEmptyRead,
  askFullLength,
  askHexUnit,
  askHex,
  askVariable,
  askFixed,
  askHexLength,
  askHexLimit,
  askQueues,
  askReports,
];

/** Firmware that takes less than this has other reasons. */
const LEAST_LENGTH = 16;
/** What happens so often in a row is no accident. */
const CERTAIN = 3;
/** After data has arrived, a report of it may take so long, in ms. */
const REPORT_LIMIT = 500;
const POLL = 50;

const ONE = Buffer.from('1');

/**
 * Whether anything gets through at all; the first bytes also show the form of what is said around them.
 * @throws {AtError|QfwdError} when nothing does
 */
export async function askFlow({ line, tap, found }: Bench, { near, far }: Pair): Promise<void> {
  let reason: unknown = new QfwdError('QFWD_TIMEOUT', 'what the module sends to itself does not arrive');
  for (const format of ['raw', 'hex', 'raw'] as const) {
    let received: Buffer | undefined;
    const text = await tap.during(async () => {
      try {
        await line.execute(send(near, { bytes: ONE, format, form: 'variable' }));
        received = await line.receive(far, 1);
      } catch (error) {
        if (isHopeless(error)) throw error;
        reason = error;
      }
    });
    note(found, { prompt: promptIn(text, near), readHeader: readHeaderIn(text, far) });
    if (received && received.length > 0) return;
  }
  throw reason;
}

/** One byte cannot be taken by half, so its answer tells the unit. */
async function askHexUnit({ line, found }: Bench, { near, far }: Pair): Promise<void> {
  const taken = await line.execute(send(near, { bytes: ONE, format: 'hex', form: 'variable' }));
  note(found, { hexTaken: unit(taken, 1, 2) });
  await line.receive(far, 1);
}

async function askEmptyRead({ line, found }: Bench, { far }: Pair): Promise<void> {
  note(found, { emptyRead: await line.readNothing(far) });
  if (found.emptyRead !== 'silent') return;
  // What is there can be asked for otherwise, if the firmware has the command.
  await line.execute(queueFigures(far));
  line.session.isEmptyReadSilent = true;
}

async function askHex({ line, found }: Bench, pair: Pair): Promise<void> {
  const piece = { bytes: ALL_BYTES, format: 'hex', form: 'variable' } as const;
  const received = await line.transfer(pair, piece, found.hexTaken);
  if (received) found.hex = received.equals(ALL_BYTES) ? 'transparent' : 'altered';
}

async function askVariable({ line, found }: Bench, pair: Pair): Promise<void> {
  note(found, {
    variable: await whatArrives(line, pair, 'variable', [
      VARIABLE_BYTES,
      VARIABLE_DOUBLES,
      LINE_ENDS,
      ...EDGES,
    ]),
  });
}

/** Each of the two bytes alone first: only where both are data do they come in company. */
async function askFixed({ line, found }: Bench, pair: Pair): Promise<void> {
  // Whether there is such a form at all.
  const isThere = await whatArrives(line, pair, 'fixed', [lone(CR)]);
  note(found, { fixed: isThere === 'altered' ? isThere : undefined });
  if (isThere !== 'transparent') return;
  for (const byte of [CTRL_Z, ESC]) {
    const command = send(pair.near, { bytes: lone(byte), format: 'raw', form: 'fixed' });
    let taken = 0;
    // Nothing is also taken by a module that has no room just now.
    for (let tries = 1; taken === 0 && tries <= CERTAIN; tries++)
      taken = await line.execute(command).catch(noneIfCancelled);
    const received = await line.receive(pair.far, taken);
    if (taken === 0 || !lone(byte).subarray(0, taken).equals(received)) {
      found.fixed = taken === 0 ? 'ends' : 'altered';
      return;
    }
  }
  const all = [ALL_BYTES, DOUBLES, LINE_ENDS, ...EDGES, last(CTRL_Z), last(ESC), CROWD];
  note(found, { fixed: await whatArrives(line, pair, 'fixed', all) });
}

/** What becomes of raw data; `undefined` when it cannot be said of all of it. */
async function whatArrives(
  line: CalibrationLine,
  pair: Pair,
  form: 'variable' | 'fixed',
  all: readonly Buffer[],
): Promise<'transparent' | 'altered' | undefined> {
  for (const bytes of all) {
    const received = await line.transfer(pair, { bytes, format: 'raw', form });
    if (!received) return undefined;
    if (!received.equals(bytes)) return 'altered';
  }
  return 'transparent';
}

/** How much one command takes, if that is always the same; what refuses much is given less. */
async function askFullLength({ line, found }: Bench, { near, far }: Pair): Promise<void> {
  for (let length = MAX_LENGTH; length >= LEAST_LENGTH; length /= 2) {
    const bytes = FULL_LENGTH.subarray(0, length);
    const counts: number[] = [];
    try {
      while (counts.length < CERTAIN && counts.at(-1) !== length) {
        const { value, ms } = await line.timed(send(near, { bytes, format: 'raw', form: 'variable' }));
        counts.push(value);
        if (ms && found.rate === undefined) found.rate = Math.round((1000 * value) / ms);
        await line.receive(far, value);
      }
    } catch (error) {
      if (!isRejection(error)) throw error;
      continue;
    }
    const [perSend = 0] = counts;
    if (perSend > 0 && new Set(counts).size === 1) found.perSend = line.most = perSend;
    return;
  }
}

async function askHexLength({ line, found }: Bench, { near, far }: Pair): Promise<void> {
  // What takes less than it is given tells nothing.
  if (found.perSend === undefined || found.perSend < 4) return;
  const taken = await line.execute(fixedHex(near));
  const bytes = found.hexTaken === 'digits' ? taken / 2 : taken;
  note(found, { hexLength: unit(bytes, 4, 2) });
  await line.receive(far, bytes);
}

async function askHexLimit({ line, found }: Bench, { near, far }: Pair): Promise<void> {
  if (found.perSend === undefined || found.perSend < LONG_HEX.length) return;
  const piece = { bytes: LONG_HEX, format: 'hex', form: 'variable' } as const;
  try {
    const taken = await line.execute(send(near, piece));
    await line.receive(far, bytesTaken(piece, taken, found.hexTaken));
    found.hexLimit = 'bytes';
  } catch (error) {
    if (!isRejection(error)) throw error;
    found.hexLimit = 'digits';
  }
}

async function askQueues({ line, found }: Bench, { near }: Pair): Promise<void> {
  const { sendMax, recvMax } = await line.execute(queueFigures(near));
  note(found, { sendMax, recvMax });
}

/** Two bytes arrive one after the other while nothing is read. */
async function askReports({ line, loopback, found }: Bench, { near, far }: Pair): Promise<void> {
  // Some firmware reports anew only after a read that found nothing.
  if (found.emptyRead) await line.read(far);
  let before = loopback.reports(far).length;
  const reportsOf = async (sent: number): Promise<readonly { readonly length?: number }[]> => {
    await line.execute(send(near, { bytes: ONE, format: 'raw', form: 'variable' }));
    await untilWaiting(line, far, sent);
    const reports = loopback.reports(far).slice(before);
    before += reports.length;
    return reports;
  };
  note(found, { readReport: readReport(await reportsOf(1), await reportsOf(2)) });
}

/** Waits until so many bytes can be read, and for what the module has to say to that. */
async function untilWaiting(line: CalibrationLine, socketId: number, bytes: number): Promise<void> {
  for (let waited = 0; waited < REPORT_LIMIT; waited += POLL) {
    const figures = await line.execute(queueFigures(socketId)).catch(unknownIfUnanswered);
    if (figures && figures.recvUsed >= bytes) break;
    await line.pause(POLL);
  }
  await line.pause(POLL);
}

/** ESC that cancels is answered OK, without a figure. */
function noneIfCancelled(error: unknown): 0 {
  if (error instanceof AtError && (error.failure === 'malformed' || error.failure === 'rejected')) return 0;
  throw error;
}

function unknownIfUnanswered(error: unknown): undefined {
  if (isHopeless(error)) throw error;
}

/** Whether no other question can be asked either. */
export function isHopeless(error: unknown): boolean {
  if (error instanceof QfwdError) return false;
  if (!(error instanceof AtError)) return true;
  return error.failure === 'lost' || error.failure === 'cancelled' || error.failure === 'full';
}

/** What is not known stays missing. */
function note(found: Found, facts: { readonly [Name in keyof Facts]: Facts[Name] | undefined }): void {
  Object.assign(found, Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)));
}
