/** Measurements of these commands in order; each starts with empty buffers. */
import { AtError, isRejection } from '../../at';
import {
  ALL_BYTES,
  type Bench,
  type Calibration,
  CTRL_Z,
  DOUBLES,
  EDGES,
  endingWith,
  ESC,
  type Found,
  LINE_ENDS,
  type LoopbackPair,
  startingWith,
  VARIABLE_BYTES,
  VARIABLE_DOUBLES,
} from '../../sockets';
import { MAX_LENGTH, type Piece, send } from '../commands';
import type { Dialect } from '../dialect';
import { queueFigures } from '../queries';
import type { Facts } from '../facts';
import { bytesTaken, type HexUnit } from '../hex-unit';
import { CROWD, fixedHex, FULL_LENGTH, LONG_HEX, promptIn, readHeaderIn, unitOf } from './probes';

const CR = 0x0d;
/** Firmware that accepts less than this has another problem. */
const LEAST_LENGTH = 16;
/** This many equal results in a row count as certain. */
const CERTAIN = 3;
/** Limit for a firmware that accepts only small pieces. */
const MOST_COMMANDS = 40;

const ONE = Buffer.from('1');

export function qfwdCalibration({ server, state, close }: Dialect): Calibration {
  return {
    commands: [server, 'QFWDCLIENT', 'QFWDSEND', 'QFWDRECV', 'QFWDACK', state, close, 'QFWDCFG'],
    prefix: '+QFWD',
    flow,
    figures: queueFigures,
    datagram: (socketId) => send(socketId, { bytes: ONE, format: 'raw', form: 'variable' }),
    questions: [askFullLength, askHexUnit, askHex, askVariable, askFixed, askHexLength, askHexLimit],
  };
}

/** The first bytes also show the format of prompt and read header. */
async function flow(bench: Bench, { near, far }: LoopbackPair, attempt: number): Promise<boolean> {
  const format = attempt === 1 ? 'hex' : 'raw';
  let received: Buffer | undefined;
  let text = '';
  try {
    text = await bench.capture(async () => {
      await bench.execute(send(near, { bytes: ONE, format, form: 'variable' }));
      received = await bench.receive(far, 1);
    });
  } finally {
    note(bench, { prompt: promptIn(text, near), readHeader: readHeaderIn(text, far) });
  }
  return received !== undefined && received.length > 0;
}

/** The maximum length of one command, if constant; after a rejection, less is tried. */
async function askFullLength(bench: Bench, { near, far }: LoopbackPair): Promise<void> {
  const { found } = bench;
  for (let length = MAX_LENGTH; length >= LEAST_LENGTH; length /= 2) {
    const bytes = FULL_LENGTH.subarray(0, length);
    const counts: number[] = [];
    try {
      while (counts.length < CERTAIN && counts.at(-1) !== length) {
        const { value, ms } = await bench.timed(send(near, { bytes, format: 'raw', form: 'variable' }));
        counts.push(value);
        if (ms && found.rate === undefined) found.rate = Math.round((1000 * value) / ms);
        await bench.receive(far, value);
      }
    } catch (error) {
      if (!isRejection(error)) throw error;
      continue;
    }
    const [perSend = 0] = counts;
    if (perSend > 0 && new Set(counts).size === 1) note(bench, { perSend });
    return;
  }
}

/** One byte cannot be accepted partially, so the response shows the unit. */
async function askHexUnit(bench: Bench, { near, far }: LoopbackPair): Promise<void> {
  const taken = await bench.execute(send(near, { bytes: ONE, format: 'hex', form: 'variable' }));
  note(bench, { hexTaken: unitOf(taken, 1, 2) });
  await bench.receive(far, 1);
}

async function askHex(bench: Bench, pair: LoopbackPair): Promise<void> {
  const piece = { bytes: ALL_BYTES, format: 'hex', form: 'variable' } as const;
  const received = await transfer(bench, pair, piece, foundBy(bench).hexTaken);
  if (received) note(bench, { hex: received.equals(ALL_BYTES) ? 'transparent' : 'altered' });
}

async function askVariable(bench: Bench, pair: LoopbackPair): Promise<void> {
  const all = [VARIABLE_BYTES, VARIABLE_DOUBLES, LINE_ENDS, ...EDGES];
  note(bench, { variable: await whatArrives(bench, pair, 'variable', all) });
}

/** Tests each of the two bytes alone first; combined only if both are treated as data. */
async function askFixed(bench: Bench, pair: LoopbackPair): Promise<void> {
  // Whether fixed length is supported at all.
  const isThere = await whatArrives(bench, pair, 'fixed', [startingWith(CR)]);
  note(bench, { fixed: isThere === 'altered' ? isThere : undefined });
  if (isThere !== 'transparent') return;
  for (const byte of [CTRL_Z, ESC]) {
    const bytes = startingWith(byte);
    const command = send(pair.near, { bytes, format: 'raw', form: 'fixed' });
    let taken = 0;
    // A module with a full buffer also accepts 0 bytes.
    for (let tries = 1; taken === 0 && tries <= CERTAIN; tries++)
      taken = await bench.execute(command).catch(noneIfCancelled);
    const received = await bench.receive(pair.far, taken);
    if (taken === 0 || !bytes.subarray(0, taken).equals(received)) {
      note(bench, { fixed: taken === 0 ? 'ends' : 'altered' });
      return;
    }
  }
  const all = [ALL_BYTES, DOUBLES, LINE_ENDS, ...EDGES, endingWith(CTRL_Z), endingWith(ESC), CROWD];
  note(bench, { fixed: await whatArrives(bench, pair, 'fixed', all) });
}

/** Data canceled by ESC is answered OK, without a figure. */
function noneIfCancelled(error: unknown): 0 {
  if (error instanceof AtError && (error.failure === 'malformed' || error.failure === 'rejected')) return 0;
  throw error;
}

async function askHexLength(bench: Bench, { near, far }: LoopbackPair): Promise<void> {
  const { perSend, hexTaken } = foundBy(bench);
  // A firmware that accepts less than it is given shows nothing.
  if (perSend === undefined || perSend < 4) return;
  const taken = await bench.execute(fixedHex(near));
  const bytes = hexTaken === 'digits' ? taken / 2 : taken;
  note(bench, { hexLength: unitOf(bytes, 4, 2) });
  await bench.receive(far, bytes);
}

async function askHexLimit(bench: Bench, { near, far }: LoopbackPair): Promise<void> {
  const { perSend, hexTaken } = foundBy(bench);
  if (perSend === undefined || perSend < LONG_HEX.length) return;
  const piece = { bytes: LONG_HEX, format: 'hex', form: 'variable' } as const;
  try {
    const taken = await bench.execute(send(near, piece));
    await bench.receive(far, bytesTaken(piece, taken, hexTaken));
    note(bench, { hexLimit: 'bytes' });
  } catch (error) {
    if (!isRejection(error)) throw error;
    note(bench, { hexLimit: 'digits' });
  }
}

/** What happens to raw data; `undefined` when the result is incomplete. */
async function whatArrives(
  bench: Bench,
  pair: LoopbackPair,
  form: Piece['form'],
  all: readonly Buffer[],
): Promise<'transparent' | 'altered' | undefined> {
  for (const bytes of all) {
    const received = await transfer(bench, pair, { bytes, format: 'raw', form });
    if (!received) return undefined;
    if (!received.equals(bytes)) return 'altered';
  }
  return 'transparent';
}

/**
 * Sends all data and returns what arrives; `undefined` when the module accepts so little at a time that it takes too
 * long.
 * @param unit what `actual_send_len` counts under HEX, as far as known
 */
async function transfer(
  bench: Bench,
  { near, far }: LoopbackPair,
  { bytes, ...form }: Piece,
  unit?: HexUnit,
): Promise<Buffer | undefined> {
  const { perSend = MAX_LENGTH } = foundBy(bench);
  const arrived: Buffer[] = [];
  let sent = 0;
  for (let commands = 0; sent < bytes.length && commands < MOST_COMMANDS; commands++) {
    const piece = { bytes: bytes.subarray(sent, sent + perSend), ...form };
    const taken = bytesTaken(piece, await bench.execute(send(near, piece)), unit);
    sent += taken;
    arrived.push(await bench.receive(far, taken));
  }
  return sent < bytes.length ? undefined : Buffer.concat(arrived);
}

function foundBy({ found }: Bench): Found<Facts> {
  return found;
}

/** Unknown facts stay missing. */
function note(bench: Bench, facts: { readonly [Name in keyof Facts]: Facts[Name] | undefined }): void {
  Object.assign(
    bench.found,
    Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)),
  );
}
