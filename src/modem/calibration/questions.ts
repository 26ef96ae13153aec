/** Measurements for every command family over the loopback; each starts with empty buffers. */
import { MOST_PER_LINE } from '../../at';
import type { Bench, Found, LoopbackPair } from '../../sockets';
import type { CalibrationLine } from './calibration-line';
import { isHopeless, noneIfRejected } from './failures';
import type { Loopback } from './loopback';
import { readReport, type ReadReport } from './read-report';

/** What the questions use. */
export interface LoopbackBench extends Bench {
  readonly line: CalibrationLine;
  readonly loopback: Loopback;
}

/** How many commands are tried on one line. */
const PER_LINE = [MOST_PER_LINE, 8, 4, 2];
/** Maximum delay of a URC after data has arrived, in ms. */
const REPORT_LIMIT = 500;
const POLL = 50;

export async function askEmptyRead({ line, found }: LoopbackBench, { far }: LoopbackPair): Promise<void> {
  const emptyRead = await line.readNothing(far);
  note(found, { emptyRead });
  if (emptyRead !== 'silent') return;
  // Firmware with queue figures can report unread data without a read.
  await line.queues(far);
  line.session.commands.emptyRead = emptyRead;
}

/** Queries that are asked again do no harm, so they show how many reads may share a command line. */
export async function askJoined({ line, found }: LoopbackBench, { far }: LoopbackPair): Promise<void> {
  const query = line.questions.figures(far);
  await line.execute(query);
  for (const commands of PER_LINE) {
    const text = [query.text, ...new Array<string>(commands - 1).fill(query.text.slice(2))].join(';');
    const { responsePrefixes = [] } = query;
    const answers = await line
      .execute({ text, responsePrefixes, decode: ({ lines }) => lines.length })
      .catch((error: unknown) => noneIfRejected(error).length);
    if (answers === commands) {
      note(found, { perLine: commands });
      return;
    }
    if (answers === 0) continue;
    // The rest may come with result codes of its own.
    await line.pause(REPORT_LIMIT);
    break;
  }
  note(found, { perLine: 1 });
}

export async function askQueues({ line, found }: LoopbackBench, { near }: LoopbackPair): Promise<void> {
  const { sendMax, recvMax } = await line.queues(near);
  note(found, { sendMax, recvMax });
}

/** Two bytes arrive one after the other without a read in between. */
export async function askReports(bench: LoopbackBench, { near, far }: LoopbackPair): Promise<void> {
  const { line, loopback, found } = bench;
  // Some firmware sends a new URC only after a read of an empty buffer.
  if (found.emptyRead) await line.read(far);
  let before = loopback.reports(far).length;
  const reportsOf = async (sent: number): Promise<readonly ReadReport[]> => {
    await line.execute(line.questions.datagram(near));
    await untilWaiting(line, far, sent);
    const reports = loopback.reports(far).slice(before);
    before += reports.length;
    return reports;
  };
  note(found, { readReport: readReport(await reportsOf(1), await reportsOf(2)) });
}

/** Waits until `bytes` bytes are readable, and for the URCs about them. */
async function untilWaiting(line: CalibrationLine, socketId: number, bytes: number): Promise<void> {
  for (let waited = 0; waited < REPORT_LIMIT; waited += POLL) {
    const figures = await line.queues(socketId).catch(unknownIfUnanswered);
    if (figures && figures.recvUsed >= bytes) break;
    await line.pause(POLL);
  }
  await line.pause(POLL);
}

function unknownIfUnanswered(error: unknown): undefined {
  if (isHopeless(error)) throw error;
}

/** Unknown facts stay missing. */
function note(found: Found, facts: Readonly<Record<string, string | number | undefined>>): void {
  Object.assign(found, Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)));
}
