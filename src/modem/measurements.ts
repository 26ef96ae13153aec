/** What is measured over the loopback, one question after the other, each on a connection in which nothing waits. */
import { AtError } from '../at';
import {
  ALL_BYTES,
  CROWD,
  CTRL_Z,
  ESC,
  type Facts,
  fixedHex,
  FULL_LENGTH,
  LONG_HEX,
  lone,
  promptIn,
  queueFigures,
  readHeaderIn,
  readReport,
  send,
  unit,
  VARIABLE_BYTES,
} from '../qfwd';
import type { LineTap } from './line-tap';
import type { Loopback, Pair } from './loopback';

/** Answers, as far as they are known. */
export type Found = { -readonly [Name in keyof Facts]: Facts[Name] };

export interface Bench {
  readonly loopback: Loopback;
  readonly tap: LineTap;
  readonly found: Found;
}

const CR = 0x0d;

type Question = (bench: Bench, pair: Pair) => Promise<void>;

/** In this order, as the later ones use what the earlier ones have found. */
export const QUESTIONS: readonly Question[] = [
  askHexUnit,
  askEmptyRead,
  askHex,
  askVariable,
  askFixed,
  askFullLength,
  askHexLength,
  askHexLimit,
  askQueues,
  askReports,
];

/** After data has arrived, a report of it may take so long, in ms. */
const REPORT_LIMIT = 500;
const POLL = 50;

/** One byte cannot be taken by half, so its answer tells the unit. */
async function askHexUnit({ loopback, tap, found }: Bench, { near, far }: Pair): Promise<void> {
  const text = await tap.during(async () => {
    const taken = await loopback.execute(
      send(near, { bytes: Buffer.from('1'), format: 'hex', form: 'variable' }),
    );
    note(found, { hexTaken: unit(taken, 1, 2) });
    await loopback.receive(far, 1);
  });
  note(found, { prompt: promptIn(text), readHeader: readHeaderIn(text) });
}

async function askEmptyRead({ loopback, found }: Bench, { far }: Pair): Promise<void> {
  note(found, { emptyRead: await loopback.readNothing(far) });
}

async function askHex({ loopback, found }: Bench, pair: Pair): Promise<void> {
  const piece = { bytes: ALL_BYTES, format: 'hex', form: 'variable' } as const;
  const received = await loopback.transfer(pair, piece, found.hexTaken === 'digits' ? 2 : 1);
  if (received) found.hex = received.equals(ALL_BYTES) ? 'transparent' : 'altered';
}

async function askVariable({ loopback, found }: Bench, pair: Pair): Promise<void> {
  const piece = { bytes: VARIABLE_BYTES, format: 'raw', form: 'variable' } as const;
  const received = await loopback.transfer(pair, piece);
  if (received) found.variable = received.equals(VARIABLE_BYTES) ? 'transparent' : 'altered';
}

/** Each of the two bytes alone first: only where both are data do they come in company. */
async function askFixed({ loopback, found }: Bench, pair: Pair): Promise<void> {
  const arrives = async (bytes: Buffer): Promise<boolean | undefined> => {
    const received = await loopback.transfer(pair, { bytes, format: 'raw', form: 'fixed' });
    return received?.equals(bytes);
  };
  // Whether there is such a form at all.
  if (!(await arrives(lone(CR)))) return;
  for (const byte of [CTRL_Z, ESC]) {
    const taken = await loopback
      .execute(send(pair.near, { bytes: lone(byte), format: 'raw', form: 'fixed' }))
      .catch(noneIfCancelled);
    const received = await loopback.receive(pair.far, taken);
    if (taken === 0 || !lone(byte).subarray(0, taken).equals(received)) {
      found.fixed = taken === 0 ? 'ends' : 'altered';
      return;
    }
  }
  for (const bytes of [ALL_BYTES, CROWD]) {
    const isSame = await arrives(bytes);
    if (isSame === undefined) return;
    if (!isSame) {
      found.fixed = 'altered';
      return;
    }
  }
  found.fixed = 'transparent';
}

async function askFullLength({ loopback, found }: Bench, pair: Pair): Promise<void> {
  const { value, ms } = await loopback.timed(
    send(pair.near, { bytes: FULL_LENGTH, format: 'raw', form: 'variable' }),
  );
  found.perSend = value;
  if (ms > 0) found.rate = Math.round((1000 * value) / ms);
  await loopback.receive(pair.far, value);
}

async function askHexLength({ loopback, found }: Bench, { near, far }: Pair): Promise<void> {
  // What takes less than it is given tells nothing.
  if (found.perSend === undefined || found.perSend < 4) return;
  const taken = await loopback.execute(fixedHex(near));
  const bytes = found.hexTaken === 'digits' ? taken / 2 : taken;
  note(found, { hexLength: unit(bytes, 4, 2) });
  await loopback.receive(far, bytes);
}

async function askHexLimit({ loopback, found }: Bench, { near, far }: Pair): Promise<void> {
  try {
    const taken = await loopback.execute(send(near, { bytes: LONG_HEX, format: 'hex', form: 'variable' }));
    await loopback.receive(far, found.hexTaken === 'digits' ? taken / 2 : taken);
    found.hexLimit = 'bytes';
  } catch (error) {
    if (!(error instanceof AtError) || error.failure !== 'rejected') throw error;
    found.hexLimit = 'digits';
  }
}

async function askQueues({ loopback, found }: Bench, { near }: Pair): Promise<void> {
  const { sendMax, recvMax } = await loopback.execute(queueFigures(near));
  note(found, { sendMax, recvMax });
}

/** Two bytes arrive one after the other while nothing is read. */
async function askReports({ loopback, found }: Bench, { near, far }: Pair): Promise<void> {
  const before = loopback.reports(far).length;
  for (let sent = 1; sent <= 2; sent++) {
    await loopback.execute(send(near, { bytes: Buffer.from('1'), format: 'raw', form: 'variable' }));
    await untilWaiting(loopback, far, sent);
  }
  note(found, { readReport: readReport(loopback.reports(far).slice(before)) });
}

/** Waits until so many bytes can be read, and for what the module has to say to that. */
async function untilWaiting(loopback: Loopback, socketId: number, bytes: number): Promise<void> {
  for (let waited = 0; waited < REPORT_LIMIT; waited += POLL) {
    const figures = await loopback.execute(queueFigures(socketId)).catch(unknownIfUnanswered);
    if (figures && figures.recvUsed >= bytes) break;
    await loopback.pause(POLL);
  }
  await loopback.pause(POLL);
}

/** ESC that cancels is answered OK, without a figure. */
function noneIfCancelled(error: unknown): 0 {
  if (error instanceof AtError && (error.failure === 'nonsense' || error.failure === 'rejected')) return 0;
  throw error;
}

function unknownIfUnanswered(error: unknown): undefined {
  if (isHopeless(error)) throw error;
}

/** Whether no other question can be asked either. */
export function isHopeless(error: unknown): boolean {
  if (!(error instanceof AtError)) return true;
  return error.failure === 'lost' || error.failure === 'cancelled' || error.failure === 'full';
}

/** What is not known stays missing. */
function note(found: Found, facts: { readonly [Name in keyof Facts]: Facts[Name] | undefined }): void {
  Object.assign(found, Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)));
}
