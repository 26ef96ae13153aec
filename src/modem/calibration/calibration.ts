/**
 * Measures what the manual leaves open:
 *
 *     version ─▶ commands ─▶ loopback: TCP ─▶ questions ─▶ again: ids, a refusal ─▶ UDP ─▶ profile
 *                               └─ cannot be opened: a profile that says so, and decides nothing
 */
import { isRejection, plainCommand } from '../../at';
import type { Found, Profile } from '../../sockets';
import { QfwdError } from '../errors';
import type { Journal } from '../link/journal';
import type { CalibrationLine } from './calibration-line';
import { isHopeless } from './failures';
import type { Loopback, Pair } from './loopback';
import { askEmptyRead, askJoined, askQueues, askReports, type LoopbackBench } from './questions';

const POLL = 50;
const DATAGRAM_LIMIT = 1000;
const FLOW_ATTEMPTS = 3;

/** Rejects with an `AtError` when it was ended or the module was lost. Leaves no socket open. */
export async function calibrate(
  firmware: string,
  journal: Pick<Journal, 'capture'>,
  line: CalibrationLine,
  loopback: Loopback,
): Promise<Profile> {
  const found: Found = {};
  const lacks: string[] = [];
  let obstacle: string | undefined;
  try {
    await askCommands(line, found, lacks);
    obstacle = await overLoopback(benchOf(journal, line, loopback, found));
  } catch (error) {
    if (!line.isOverdue) throw error;
    obstacle = `the module takes so long to answer that it was not done after ${Math.round(line.limit / 1000)} s`;
  } finally {
    await loopback.close();
  }
  if (line.slowest > 0) found.slowest = Math.ceil(line.slowest);
  const { family, dialect } = line.session.commands;
  return { family, firmware, dialect, lacks, facts: found, ...(obstacle !== undefined && { obstacle }) };
}

function benchOf(
  journal: Pick<Journal, 'capture'>,
  line: CalibrationLine,
  loopback: Loopback,
  found: Found,
): LoopbackBench {
  return {
    line,
    loopback,
    found,
    execute: (command) => line.execute(command),
    timed: (command) => line.timed(command),
    receive: (socketId, length) => line.receive(socketId, length),
    capture: (work) => journal.capture(work),
  };
}

/** Test commands change nothing, so they also measure the response time. */
async function askCommands(line: CalibrationLine, found: Found, lacks: string[]): Promise<void> {
  const times: number[] = [];
  for (const name of line.questions.commands) {
    const command = plainCommand(`AT+${name}=?`, [line.questions.prefix]);
    try {
      const { ms } = await line.timed(command);
      if (ms !== undefined) times.push(ms);
    } catch (error) {
      if (!isRejection(error)) throw error;
      lacks.push(name);
    }
  }
  const middle = times.sort((one, other) => one - other)[times.length >> 1];
  if (middle === undefined) return;
  found.roundTrip = Math.ceil(middle);
  line.allowFor(middle);
}

/** @returns why measuring is impossible, if so */
async function overLoopback(bench: LoopbackBench): Promise<string | undefined> {
  const { line, loopback, found } = bench;
  let pair: Pair;
  try {
    pair = await loopback.open('tcp');
    await awaitFlow(bench, pair);
  } catch (error) {
    if (isHopeless(error)) throw error;
    return `the module cannot be connected to itself: ${(error as Error).message}`;
  }
  if (pair.openOrder) found.openOrder = pair.openOrder;
  for (const ask of [askEmptyRead, ...line.questions.questions, askQueues, askReports, askJoined]) {
    await tolerate(() => line.drain(pair.far));
    await tolerate(() => ask(bench, pair));
  }
  await loopback.close();
  await tolerate(async () => {
    const again = await loopback.open('tcp');
    // Another connection may have the id by now, or may have freed a smaller one.
    if (again.far <= pair.far) found.acceptedIds = 'reused';
    else if (!(await loopback.session.hasSocket(pair.far))) found.acceptedIds = 'fresh';
  });
  await loopback.close();
  await tolerate(async () => {
    const result = await loopback.openNowhere(pair.port);
    if (result !== undefined) found.refused = result;
  });
  await tolerate(() => overUdp(bench));
  return undefined;
}

/** @throws {AtError|QfwdError} when no data arrives */
async function awaitFlow(bench: LoopbackBench, pair: Pair): Promise<void> {
  let reason: unknown = new QfwdError('QFWD_TIMEOUT', 'what the module sends to itself does not arrive');
  for (let attempt = 0; attempt < FLOW_ATTEMPTS; attempt++) {
    try {
      if (await bench.line.questions.flow(bench, pair, attempt)) return;
    } catch (error) {
      if (isHopeless(error)) throw error;
      reason = error;
    }
  }
  throw reason;
}

async function overUdp({ line, loopback, found }: LoopbackBench): Promise<void> {
  const { near, server } = await loopback.open('udp');
  await line.execute(line.questions.datagram(near));
  for (let waited = 0; waited < DATAGRAM_LIMIT && !found.udpServer; waited += POLL) {
    const udpServer = await loopback.findUdp(server);
    if (udpServer) found.udpServer = udpServer;
    else await line.pause(POLL);
  }
}

/** A failed question does not stop the others. */
async function tolerate(ask: () => Promise<void>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (isHopeless(error)) throw error;
  }
}
