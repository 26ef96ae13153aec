/**
 * Measures what the manual leaves open:
 *
 *     version ─▶ commands ─▶ loopback: TCP ─▶ questions ─▶ again: ids, a refusal ─▶ UDP ─▶ profile
 *                               └─ cannot be opened: a profile that says so, and decides nothing
 */
import { type Command, plainCommand } from '../at';
import { type Profile, send } from '../qfwd';
import type { LineTap } from './line-tap';
import type { Loopback, Pair } from './loopback';
import { type Bench, type Found, isHopeless, QUESTIONS } from './measurements';
import { isRejection, QfwdError } from './errors';
import type { Session } from './session';

const POLL = 50;
const DATAGRAM_LIMIT = 1000;

/** The version as the module says it (AT+CGMR, or ATI); `undefined` when it says none. */
export async function firmwareOf(session: Session): Promise<string | undefined> {
  const answer = async (text: string): Promise<readonly string[]> =>
    session.execute(anyLines(text)).catch((error: unknown) => {
      if (isRejection(error)) return [];
      throw error;
    });
  // Other lines that begin so are URCs.
  const version = (await answer('AT+CGMR')).find(
    (line) => !line.startsWith('+') || line.startsWith('+CGMR:'),
  );
  if (version !== undefined) return version.replace(/^\+CGMR:\s*/, '');
  const revision = (await answer('ATI')).find((line) => /^Revision:/i.test(line));
  return revision?.replace(/^Revision:\s*/i, '');
}

function anyLines(text: string): Command<readonly string[]> {
  return { text, isRepeatable: true, decode: ({ lines }) => lines };
}

/** Rejects with an `AtError` when it was ended or the module was lost. Leaves nothing open. */
export async function calibrate(firmware: string, tap: LineTap, loopback: Loopback): Promise<Profile> {
  const { session } = loopback;
  const found: Found = {};
  const lacks = await askCommands(loopback, found);
  const bench = { loopback, tap, found };
  let obstacle: string | undefined;
  try {
    obstacle = await overTcp(bench);
    if (obstacle === undefined) await tolerate(() => overUdp(bench));
  } finally {
    await loopback.close();
  }
  return {
    firmware,
    dialect: session.dialect,
    lacks,
    facts: found,
    ...(obstacle !== undefined && { obstacle }),
  };
}

/** Test commands do nothing, so they also tell how long an answer takes. */
async function askCommands(loopback: Loopback, found: Found): Promise<string[]> {
  const { server, state, close } = loopback.session.dialect;
  const names = [server, 'QFWDCLIENT', 'QFWDSEND', 'QFWDRECV', 'QFWDACK', state, close, 'QFWDCFG'];
  const lacks: string[] = [];
  const times: number[] = [];
  for (const name of names) {
    const command = plainCommand(`AT+${name}=?`, ['+QFWD']);
    try {
      times.push((await loopback.timed(command)).ms);
    } catch (error) {
      if (!isRejection(error)) throw error;
      lacks.push(name);
    }
  }
  times.sort((one, other) => one - other);
  const [middle, last] = [times[times.length >> 1], times.at(-1)];
  if (middle !== undefined && last !== undefined) {
    found.roundTrip = Math.ceil(middle);
    found.slowest = Math.ceil(last);
  }
  return lacks;
}

/** @returns why it cannot be measured, if so */
async function overTcp(bench: Bench): Promise<string | undefined> {
  const { loopback, found } = bench;
  let pair: Pair;
  try {
    pair = await loopback.open('tcp');
  } catch (error) {
    if (!(error instanceof QfwdError) && isHopeless(error)) throw error;
    return (error as Error).message;
  }
  if (pair.openOrder) found.openOrder = pair.openOrder;
  for (const ask of QUESTIONS) {
    await tolerate(() => loopback.drain(pair.far));
    await tolerate(() => ask(bench, pair));
  }
  await loopback.close();
  await tolerate(async () => {
    const again = await loopback.open('tcp');
    found.acceptedIds = again.far === pair.far ? 'reused' : 'fresh';
  });
  await loopback.close();
  await tolerate(async () => {
    const result = await loopback.openNowhere(pair.port);
    if (result !== undefined) found.refused = result;
  });
  return undefined;
}

async function overUdp({ loopback, found }: Bench): Promise<void> {
  const { near, server } = await loopback.open('udp');
  await loopback.execute(send(near, { bytes: Buffer.from('1'), format: 'raw', form: 'variable' }));
  for (let waited = 0; waited < DATAGRAM_LIMIT && !found.udpServer; waited += POLL) {
    const udpServer = await loopback.findUdp(server);
    if (udpServer) found.udpServer = udpServer;
    else await loopback.pause(POLL);
  }
}

/** A question that has no answer does not keep the others from being asked. */
async function tolerate(ask: () => Promise<void>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (!(error instanceof QfwdError) && isHopeless(error)) throw error;
  }
}
