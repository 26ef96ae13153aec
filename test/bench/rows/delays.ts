import { type ContenderName, type FamilyName, now, payload } from '../contenders/contender';
import type { Bed } from '../support/bed';
import { median, ratios } from '../support/figures';
import { type Context, KB, type Result, type Row } from './row';

/** ms that the module takes for each prompt and each answer; real ones take 2 to 20. */
const DELAYS = [0, 2, 5, 10, 20] as const;
/** Commands that a contender with one read or send a round trip has in a round, and the least of them. */
const LINES = 50;
const LEAST_LINES = 16;
/** So many times as much is received by those that need not wait for each KB. */
const FAST = 8;

const CONTENDERS: Record<FamilyName, readonly ContenderName[]> = {
  qfwd: ['bare', 'driver', 'nodes', 'serial-nodes'],
  tcpip: ['bare', 'driver', 'nodes'],
};

/** What users see: a module that takes its time for every answer. */
export function delays(family: FamilyName): Row {
  return {
    name: `delays-${family}`,
    doc: `both ways, and an echo of 20 bytes, at a module that takes ${DELAYS.join(', ')} ms for each answer`,
    run: async (context) => {
      const results: Result[] = [];
      for (const delay of DELAYS) results.push(...(await compare(context, family, delay, 0)));
      return results;
    },
  };
}

/** The same where the line, too, takes its time. */
export const delaysAt921600: Row = {
  name: 'delays-921600',
  doc: 'the same at 921600 baud and 5 ms an answer',
  run: async (context) => [
    ...(await compare(context, 'qfwd', 5, 921_600)),
    ...(await compare(context, 'tcpip', 5, 921_600)),
  ],
};

async function compare(
  context: Context,
  family: FamilyName,
  answerDelay: number,
  baud: number,
): Promise<Result[]> {
  const contenders = CONTENDERS[family];
  const beds: Bed[] = [];
  for (const contender of contenders) beds.push(await context.bed({ contender, family, answerDelay, baud }));
  for (const bed of beds) await bed.connect();

  const at = `${family}, ${answerDelay} ms${baud > 0 ? `, ${baud} baud` : ''}`;
  const bytes = Math.max(LEAST_LINES, Math.ceil(LINES * context.scale)) * (answerDelay === 0 ? FAST : 1) * KB;
  const received = ({ contender }: Bed): number =>
    contender === 'driver' || contender === 'nodes' ? FAST * bytes : bytes;
  const works = [
    { name: `${at}: received`, unit: 'kB/s', run: (bed: Bed) => receive(bed, received(bed)) },
    { name: `${at}: sent`, unit: 'kB/s', run: (bed: Bed) => send(bed, bytes) },
    { name: `${at}: echo of 20 bytes`, unit: 'ms', run: (bed: Bed) => echo(bed) },
  ];
  const results: Result[] = [];
  for (const { name, unit, run } of works) {
    const values = new Map<ContenderName, number[]>(contenders.map((it) => [it, []]));
    for (const bed of beds) await run(bed);
    for (let round = 0; round < context.rounds; round++)
      for (const bed of beds) values.get(bed.contender)?.push(await run(bed));
    const bare = values.get('bare') ?? [];
    for (const [who, its] of values)
      results.push({ work: name, who, unit, values: its, ratio: { to: 'bare', values: ratios(its, bare) } });
  }
  await context.clear();
  return results;
}

/** kB/s */
async function receive(bed: Bed, bytes: number): Promise<number> {
  const received = bed.call('receive', bytes);
  const started = now();
  bed.peers[0]!.write(payload(bytes, false));
  return bytes / ((await received) - started);
}

/** kB/s */
async function send(bed: Bed, bytes: number): Promise<number> {
  const peer = bed.peers[0]!;
  const arrived = peer.received(peer.total + bytes);
  const job = { socketIds: [bed.firstId], bytes, message: KB, isHostile: false };
  const spent = await bed.call('send', job);
  await arrived;
  return bytes / spent;
}

/** ms from a peer's write to the answer that it reads. */
async function echo(bed: Bed): Promise<number> {
  const peer = bed.peers[0]!;
  const times: number[] = [];
  for (let count = 0; count < 5; count++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const received = bed.call('receive', 20);
    const answered = peer.received(peer.total + 20);
    const started = now();
    peer.write(Buffer.alloc(20, 'x'));
    await received;
    await bed.call('send', { socketIds: [bed.firstId], bytes: 20, message: 20, isHostile: false });
    await answered;
    times.push(now() - started);
  }
  return median(times);
}
