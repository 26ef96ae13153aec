/** Measurements of these commands in order; each starts with empty buffers. */
import { AtError, type Command, isRejection } from '../../at';
import {
  ALL_BYTES,
  type Bench,
  type Calibration,
  crowdOf,
  CTRL_Z,
  digitsOf,
  DOUBLES,
  EDGES,
  endingWith,
  ESC,
  LINE_ENDS,
  type LoopbackPair,
  startingWith,
  VARIABLE_BYTES,
  VARIABLE_DOUBLES,
} from '../../sockets';
import { SEND_LENGTH, sendHex, sendRaw, type SendResult } from '../commands';
import type { Facts } from '../facts';
import { HEX_LENGTH } from '../payload';
import { receiveTotals } from '../queries';

const CR = 0x0d;
/** Tries of one command while the module has no room. */
const TRIES = 3;
const ONE = Buffer.from('1');

type Send = (socketId: number, bytes: Buffer) => Command<SendResult>;

export function tcpipCalibration(): Calibration {
  return {
    commands: ['QIOPEN', 'QISEND', 'QISENDEX', 'QIRD', 'QISTATE', 'QICLOSE'],
    prefix: '+QI',
    flow,
    figures: receiveTotals,
    datagram: (socketId) => {
      const command = sendRaw(socketId, ONE);
      return { ...command, decode: (answer) => command.decode(answer).taken };
    },
    questions: [askRate, askHex, askHexLimit, askHarmless, askFixed],
  };
}

async function flow(bench: Bench, { near, far }: LoopbackPair, attempt: number): Promise<boolean> {
  await bench.execute(attempt === 1 ? sendHex(near, ONE) : sendRaw(near, ONE));
  return (await bench.receive(far, ONE.length)).length > 0;
}

async function askRate(bench: Bench, { near, far }: LoopbackPair): Promise<void> {
  const { value, ms } = await bench.timed(sendRaw(near, digitsOf(SEND_LENGTH)));
  await bench.receive(far, value.taken);
  if (ms && value.taken > 0) bench.found.rate = Math.round((1000 * value.taken) / ms);
}

async function askHex(bench: Bench, pair: LoopbackPair): Promise<void> {
  note(bench, { hex: await whatArrives(bench, pair, sendHex, [ALL_BYTES]) });
}

async function askHexLimit(bench: Bench, pair: LoopbackPair): Promise<void> {
  const arrives = await whatArrives(bench, pair, sendHex, [digitsOf(HEX_LENGTH)]).catch(alteredIfRejected);
  note(bench, { hexLimit: arrives && (arrives === 'transparent' ? 'bytes' : 'digits') });
}

async function askHarmless(bench: Bench, pair: LoopbackPair): Promise<void> {
  const all = [VARIABLE_BYTES, VARIABLE_DOUBLES, LINE_ENDS, ...EDGES];
  note(bench, { harmless: await whatArrives(bench, pair, sendRaw, all) });
}

/** Tests each of the two bytes alone first; combined only if both are data. */
async function askFixed(bench: Bench, pair: LoopbackPair): Promise<void> {
  for (const byte of [CR, CTRL_Z, ESC]) {
    const alone = await whatArrives(bench, pair, sendRaw, [startingWith(byte)]).catch(endsIfCancelled);
    if (alone === 'transparent') continue;
    note(bench, { fixed: alone });
    return;
  }
  const all = [ALL_BYTES, DOUBLES, endingWith(CTRL_Z), endingWith(ESC), crowdOf(SEND_LENGTH)];
  note(bench, { fixed: await whatArrives(bench, pair, sendRaw, all) });
}

/** What happens to data; `undefined` when the module has no room for it. */
async function whatArrives(
  bench: Bench,
  { near, far }: LoopbackPair,
  send: Send,
  all: readonly Buffer[],
): Promise<'transparent' | 'altered' | undefined> {
  for (const bytes of all) {
    let taken = 0;
    for (let tries = 1; taken === 0 && tries <= TRIES; tries++)
      ({ taken } = await bench.execute(send(near, bytes)));
    if (taken === 0) return undefined;
    if (!(await bench.receive(far, taken)).equals(bytes)) return 'altered';
  }
  return 'transparent';
}

function alteredIfRejected(error: unknown): 'altered' {
  if (isRejection(error)) return 'altered';
  throw error;
}

function endsIfCancelled(error: unknown): 'ends' {
  if (isRejection(error) || (error instanceof AtError && error.failure === 'malformed')) return 'ends';
  throw error;
}

/** Unknown facts stay missing. */
function note(bench: Bench, facts: { readonly [Name in keyof Facts]: Facts[Name] | undefined }): void {
  Object.assign(
    bench.found,
    Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)),
  );
}
