import { type ContenderName, now, payload } from '../contenders/contender';
import { type Bed, FIRST_ID } from '../support/bed';
import { cpuTime } from '../support/cpu';
import { ratios } from '../support/figures';
import { type Context, KB, MB, type Result, type Row } from './row';

type Direction = 'sent' | 'received';

interface Work {
  readonly name: string;
  readonly direction: Direction;
  readonly bytes: number;
  readonly message: number;
  readonly isHostile: boolean;
}

/** What one run came to: bytes a second, and µs of CPU for each KB. */
interface Run {
  readonly rate: number;
  readonly contender: number;
  readonly simulator: number;
}

interface Setting {
  readonly contenders: readonly ContenderName[];
  readonly baud: number;
  readonly unit: 'MB/s' | 'kB/s';
  readonly works: readonly Work[];
  /** By contender. */
  readonly aims: Partial<Record<ContenderName, string>>;
}

const RAW = { message: KB, isHostile: false };

/** As fast as it goes, at a tty that is not paced. */
export const unpaced: Row = {
  name: 'unpaced',
  doc: '8 MB each way at a tty that is not paced, with the CPU it takes',
  run: (context) =>
    compare(context, {
      contenders: ['bare', 'driver', 'nodes', 'serial-nodes'],
      baud: 0,
      unit: 'MB/s',
      works: (['sent', 'received'] as const).map((direction) => ({
        ...RAW,
        direction,
        name: `${8 * context.scale} MB ${direction}`,
        bytes: blocks(8 * MB * context.scale),
      })),
      aims: { driver: '≥ 0.90', nodes: '≥ 0.75', 'serial-nodes': '≤ 0.19' },
    }),
};

/** Payload with Ctrl-Z and ESC in it, which goes as HEX. */
export const hostile: Row = {
  name: 'hostile',
  doc: '4 MB sent with Ctrl-Z and ESC in every piece, so as HEX, at a tty that is not paced',
  run: (context) =>
    compare(context, {
      contenders: ['bare', 'driver', 'nodes'],
      baud: 0,
      unit: 'MB/s',
      works: [
        {
          name: `${4 * context.scale} MB sent as HEX`,
          direction: 'sent',
          message: 512,
          isHostile: true,
          bytes: blocks(4 * MB * context.scale),
        },
      ],
      aims: { driver: '≥ 0.90', nodes: '≥ 0.75' },
    }),
};

/** At the pace of a UART. */
export function paced(baud: number): Row {
  const seconds = 2;
  return {
    name: String(baud),
    doc: `${seconds} s each way at ${baud} baud, with the bound that the protocol sets`,
    run: (context) =>
      compare(context, {
        contenders: ['bare', 'driver', 'nodes'],
        baud,
        unit: 'kB/s',
        works: (['sent', 'received'] as const).map((direction) => ({
          ...RAW,
          direction,
          name: `${baud} baud, ${direction}`,
          bytes: blocks((baud / 10) * seconds * Math.min(1, 2 * context.scale)),
        })),
        aims: baud < 200_000 ? { driver: '≥ 0.98 of the bound' } : { driver: '≥ 1 of bare' },
      }),
  };
}

/** The slowest gets so much less to do, as its rate is the same all the time. */
const SLOW = 8;

const blocks = (bytes: number): number => Math.ceil(bytes / KB) * KB;

async function compare(
  context: Context,
  { contenders, baud, unit, works, aims }: Setting,
): Promise<Result[]> {
  const beds: Bed[] = [];
  for (const contender of contenders) beds.push(await context.bed({ contender, baud }));
  for (const bed of beds) await bed.connect();

  const results: Result[] = [];
  for (const work of works) {
    const runs = new Map<ContenderName, Run[]>(contenders.map((name) => [name, []]));
    if (baud === 0) for (const bed of beds) await run(bed, { ...work, bytes: blocks(work.bytes / 8) });
    for (let round = 0; round < context.rounds; round++) {
      // Each has its turn to be the first.
      const turns = [...beds.slice(round % beds.length), ...beds.slice(0, round % beds.length)];
      for (const bed of turns) runs.get(bed.contender)?.push(await run(bed, work));
    }
    results.push(...tabulate(work, runs, unit, baud, aims));
  }
  return results;
}

async function run(bed: Bed, { direction, bytes: all, message, isHostile }: Work): Promise<Run> {
  const bytes = bed.contender === 'serial-nodes' ? blocks(all / SLOW) : all;
  const { pids } = bed;
  const before = { contender: cpuTime(pids.contender), simulator: cpuTime(pids.simulator) };
  const ms = await (direction === 'sent' ? send() : receive());
  const perKB = (spent: number): number => (spent * 1000) / (bytes / KB);
  return {
    rate: bytes / (ms / 1000),
    contender: perKB(cpuTime(pids.contender) - before.contender),
    simulator: perKB(cpuTime(pids.simulator) - before.simulator),
  };

  async function send(): Promise<number> {
    const peer = bed.peers[0]!;
    const arrived = peer.received(peer.total + bytes);
    const spent = await bed.call('send', { socketIds: [FIRST_ID], bytes, message, isHostile });
    await arrived;
    return spent;
  }

  async function receive(): Promise<number> {
    const received = bed.call('receive', bytes);
    const started = now();
    bed.peers[0]!.write(payload(bytes, isHostile));
    return (await received) - started;
  }
}

function tabulate(
  work: Work,
  runs: ReadonlyMap<ContenderName, readonly Run[]>,
  unit: 'MB/s' | 'kB/s',
  baud: number,
  aims: Setting['aims'],
): Result[] {
  const bare = runs.get('bare') ?? [];
  const rateOf = ({ rate }: Run): number => rate / (unit === 'MB/s' ? MB : 1000);
  const wire = work.direction === 'sent' ? `${work.isHostile ? 'HEX' : 'raw'}, variable length` : 'raw';
  const results: Result[] = [];
  const bound = baud > 0 ? protocolBound(work, baud) / 1000 : undefined;
  if (bound !== undefined) {
    results.push({ work: work.name, who: 'bound', unit, values: [bound], note: `${wire}; computed` });
  }
  for (const [who, its] of runs) {
    const values = its.map(rateOf);
    const isToBound = bound !== undefined && baud < 200_000;
    const against = isToBound ? values.map(() => bound) : bare.map(rateOf);
    const aim = aims[who];
    results.push({
      work: work.name,
      who,
      unit,
      values,
      ratio: { to: isToBound ? 'bound' : 'bare', values: ratios(values, against) },
      ...(aim !== undefined && { aim }),
      note: wire,
    });
  }
  if (baud > 0) return results;
  for (const [who, its] of runs) {
    const values = its.map(({ contender }) => contender);
    results.push({
      work: `CPU of ${work.name}`,
      who,
      unit: 'µs/KB',
      values,
      ratio: {
        to: 'bare',
        values: ratios(
          values,
          bare.map(({ contender }) => contender),
        ),
      },
      ...(who === 'driver' && { aim: '≤ 1.2' }),
    });
  }
  const simulators = [...runs.values()].flat().map(({ simulator }) => simulator);
  results.push({ work: `CPU of ${work.name}`, who: 'simulator', unit: 'µs/KB', values: simulators });
  return results;
}

/** Bytes a second if the line never rested: what goes over it for one command of 1024 bytes, at ten bits a byte. */
function protocolBound({ direction }: Work, baud: number): number {
  const exchange =
    direction === 'sent'
      ? `AT+QFWDSEND=${FIRST_ID},0\r\r\n> \x1a\r\n+QFWDSEND: ${FIRST_ID},1024\r\n\r\nOK\r\n`
      : `AT+QFWDRECV=${FIRST_ID},1024\r\r\n+QFWDRECV: ${FIRST_ID},1024\r\n\r\n\r\nOK\r\n`;
  return ((baud / 10) * KB) / (exchange.length + KB);
}
