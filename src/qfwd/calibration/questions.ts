/** What is measured of these commands, one question after the other; each on a connection in which nothing waits. */
import { AtError, isRejection } from '../../at';
import type { Bench, Calibration, Found, LoopbackPair } from '../../sockets';
import { CTRL_Z, ESC, MAX_LENGTH, type Piece, send } from '../commands';
import type { Dialect } from '../dialect';
import type { Facts } from '../facts';
import { bytesTaken, type HexUnit } from '../hex-unit';
import {
  ALL_BYTES,
  CROWD,
  DOUBLES,
  EDGES,
  endingWith,
  fixedHex,
  FULL_LENGTH,
  LINE_ENDS,
  LONG_HEX,
  promptIn,
  readHeaderIn,
  startingWith,
  unitOf,
  VARIABLE_BYTES,
  VARIABLE_DOUBLES,
} from './probes';

const CR = 0x0d;
/** Firmware that takes less than this has other reasons. */
const LEAST_LENGTH = 16;
/** What happens so often in a row is no accident. */
const CERTAIN = 3;
/** A firmware that takes too little at a time is not waited for. */
const MOST_COMMANDS = 40;

const ONE = Buffer.from('1');

export function qfwdCalibration({ server, state, close }: Dialect): Calibration {
  return {
    commands: [server, 'QFWDCLIENT', 'QFWDSEND', 'QFWDRECV', 'QFWDACK', state, close, 'QFWDCFG'],
    prefix: '+QFWD',
    flow,
    datagram: (socketId) => send(socketId, { bytes: ONE, format: 'raw', form: 'variable' }),
    questions: [askFullLength, askHexUnit, askHex, askVariable, askFixed, askHexLength, askHexLimit],
  };
}

/** The first bytes also show the form of what is said around them. */
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

/** How much one command takes, if that is always the same; what refuses much is given less. */
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

/** One byte cannot be taken by half, so its answer tells the unit. */
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

/** Each of the two bytes alone first: only where both are data do they come in company. */
async function askFixed(bench: Bench, pair: LoopbackPair): Promise<void> {
  // Whether there is such a form at all.
  const isThere = await whatArrives(bench, pair, 'fixed', [startingWith(CR)]);
  note(bench, { fixed: isThere === 'altered' ? isThere : undefined });
  if (isThere !== 'transparent') return;
  for (const byte of [CTRL_Z, ESC]) {
    const bytes = startingWith(byte);
    const command = send(pair.near, { bytes, format: 'raw', form: 'fixed' });
    let taken = 0;
    // Nothing is also taken by a module that has no room just now.
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

/** ESC that cancels is answered OK, without a figure. */
function noneIfCancelled(error: unknown): 0 {
  if (error instanceof AtError && (error.failure === 'malformed' || error.failure === 'rejected')) return 0;
  throw error;
}

async function askHexLength(bench: Bench, { near, far }: LoopbackPair): Promise<void> {
  const { perSend, hexTaken } = foundBy(bench);
  // What takes less than it is given tells nothing.
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

/** What becomes of raw data; `undefined` when it cannot be said of all of it. */
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
 * Sends all of it and gives what arrives; `undefined` when the module takes so little at a time that it would be long.
 * @param unit what `actual_send_len` counts under HEX, as far as is known
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

/** What is not known stays missing. */
function note(bench: Bench, facts: { readonly [Name in keyof Facts]: Facts[Name] | undefined }): void {
  Object.assign(
    bench.found,
    Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)),
  );
}
