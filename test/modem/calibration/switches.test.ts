import assert from 'node:assert/strict';

import type { Profile } from '../../../src/modem';
import { OPTIONS, type SimulatorOptions, TCPIP_OPTIONS } from '../../../src/simulator';
import { allPairs } from '../../support/all-pairs';
import { calibrated } from '../../support/modem/calibrated';

type Options = Partial<SimulatorOptions>;
/** The profile of a module. Facts that are `undefined` must not be known. */
type Expectation = Readonly<Record<string, unknown>>;

/** Each value of each option, and its effect on the profile. */
const SWITCHES: readonly (readonly (readonly [Options, Expectation])[])[] = [
  [
    [{ prompt: '\r\n> ' }, { prompt: 'blank' }],
    [{ prompt: '\r\n>' }, { prompt: 'bare' }],
    [{ prompt: '\r\n>\r\n' }, { prompt: 'line' }],
  ],
  [
    [{ names: 'manual' }, { server: 'QFWDSEVER', state: 'QFWDSTATE', close: 'QFWDCLOSE' }],
    [{ names: 'headings' }, { server: 'QFWDSEVER', state: 'QFWDSSSTATE', close: 'QFWDSCLOSE' }],
    [{ names: 'server' }, { server: 'QFWDSERVER', state: 'QFWDSTATE', close: 'QFWDCLOSE' }],
  ],
  [
    [{ args: 'manual' }, { serverArguments: 'manual', read: 'QFWDRECV' }],
    [{ args: 'example' }, { serverArguments: 'example', read: 'QFWDACK', readHeader: 'QFWDACK' }],
  ],
  [
    [{ lacks: '' }, { lacks: [] }],
    [{ lacks: 'QFWDACK,QFWDCFG' }, { lacks: ['QFWDACK', 'QFWDCFG'], sendMax: undefined, recvMax: undefined }],
  ],
  [
    [{ openOrder: 'ok-first' }, { openOrder: 'ok-first' }],
    [{ openOrder: 'urc-first' }, { openOrder: 'urc-first' }],
  ],
  [
    [{ openResult: 'errno' }, { refused: 111 }],
    [{ openResult: 'quectel' }, { refused: 566 }],
  ],
  [
    [{ acceptedIds: 'smallest' }, { acceptedIds: 'reused' }],
    [{ acceptedIds: 'counting' }, { acceptedIds: 'fresh' }],
  ],
  [
    [{ udpServer: 'per-peer' }, { udpServer: 'per-peer' }],
    [{ udpServer: 'shared' }, { udpServer: 'shared' }],
  ],
  [
    [{ hexUnits: 'bytes' }, { hexLength: 'bytes' }],
    [{ hexUnits: 'chars' }, { hexLength: 'digits' }],
  ],
  [
    [{ hexActual: 'bytes' }, { hexTaken: 'bytes' }],
    [{ hexActual: 'chars' }, { hexTaken: 'digits' }],
  ],
  [
    [{ hexLimit: 'bytes' }, { hexLimit: 'bytes' }],
    [{ hexLimit: 'chars' }, { hexLimit: 'digits' }],
  ],
  [
    [{ fixedLength: 'transparent' }, { fixed: 'transparent' }],
    [{ fixedLength: 'ends-at-ctrl-z' }, { fixed: 'ends' }],
    [{ fixedLength: 'cancels-at-esc' }, { fixed: 'ends' }],
  ],
  [
    [{ sendBuffer: 16_384 }, { sendMax: 16_384 }],
    [{ sendBuffer: 1500 }, { sendMax: 1500 }],
  ],
  [
    [{ partial: 0 }, { perSend: 1024 }],
    [{ partial: 700 }, { perSend: 700 }],
  ],
  [
    [{ recvHeader: 'QFWDRECV' }, { readHeader: 'QFWDRECV' }],
    [{ recvHeader: 'QFWDPRECV' }, { readHeader: 'QFWDPRECV' }],
  ],
  [
    [{ emptyRead: 'zero' }, { emptyRead: 'zero' }],
    [{ emptyRead: 'error' }, { emptyRead: 'error' }],
  ],
  [
    [{ readUrc: 'latched' }, { readReport: 'once' }],
    [{ readUrc: 'repeated' }, { readReport: 'repeated' }],
    [{ readUrc: 'length' }, { readReport: 'length' }],
  ],
  [
    [{ recvBuffer: 16_384 }, { recvMax: 16_384 }],
    [{ recvBuffer: 1000 }, { recvMax: 1000 }],
  ],
  // The server of chapter 4 has no parameter for its URC port.
  [
    [{ urc: 'usbat' }, {}],
    [{ urc: 'usbmodem' }, {}],
  ],
  [
    [{ joined: 'executed' }, { perLine: 14 }],
    [{ joined: 'executed', mostJoined: 13 }, { perLine: 8 }],
    [{ joined: 'executed', mostJoined: 3 }, { perLine: 2 }],
    [{ joined: 'executed', mostJoined: 1 }, { perLine: 1 }],
    [{ joined: 'refused' }, { perLine: 1 }],
    [{ joined: 'first' }, { perLine: 1 }],
    [{ joined: 'each' }, { perLine: 1 }],
    [{ joined: 'ignored' }, { perLine: 1 }],
    [{ joined: 'ignored', mostJoined: 5 }, { perLine: 1 }],
    [{ joined: 'first', mostJoined: 5 }, { perLine: 4 }],
  ],
  // These do not affect the others.
  [
    [{ echo: true }, {}],
    [{ echo: false }, {}],
  ],
  [
    [{ bodyEcho: false }, {}],
    [{ bodyEcho: true }, {}],
  ],
  [
    [{ cmee: 0 }, {}],
    [{ cmee: 2 }, {}],
  ],
  [
    [{ listOpening: true }, {}],
    [{ listOpening: false }, {}],
  ],
  [
    [{ halfClose: 50 }, {}],
    [{ halfClose: 0 }, {}],
  ],
  [
    [{ layout: 'wrapped' }, {}],
    [{ layout: 'joined' }, {}],
    [{ layout: 'tight' }, {}],
  ],
  [
    [{ commandUrcs: 'sent' }, {}],
    [{ commandUrcs: 'held' }, {}],
  ],
];

/** Not about sockets; response times have tests of their own. */
const ELSEWHERE = [
  'results',
  'baud',
  'answerDelay',
  'idleTimeout',
  'urcPort',
  'bootDelay',
  'apDelay',
  'networkDelay',
  'imei',
  'pin',
  'puk',
  'simDelay',
  'simStarting',
  'registration',
  'family',
  ...Object.keys(TCPIP_OPTIONS),
];

function merged<T extends object>(parts: readonly T[]): Partial<T> {
  return parts.reduce<Partial<T>>((all, part) => ({ ...all, ...part }), {});
}

/** The part of a profile that options affect. */
function flat({ dialect, lacks, facts }: Profile): Expectation {
  return { ...dialect, lacks, ...facts };
}

/** The effect of several options together. */
function expectationOf(options: Options, expectations: readonly Expectation[]): Expectation {
  const all: Record<string, unknown> = { ...merged(expectations) };
  if (options.args === 'example') {
    all.readHeader = 'QFWDACK';
    all.lacks = ['QFWDRECV', ...((all.lacks as string[] | undefined) ?? [])];
    if (options.urc === 'usbmodem') all.readReport = 'none';
  }
  if (options.lacks) Object.assign(all, { sendMax: undefined, recvMax: undefined, perLine: undefined });
  return all;
}

/** A module without a command to read cannot be calibrated, and one that holds URCs has no order of its own. */
function isPossible({ args, lacks, commandUrcs, openOrder }: Options): boolean {
  const isReadable = args !== 'example' || lacks?.includes('QFWDACK') !== true;
  return isReadable && (commandUrcs !== 'held' || openOrder !== 'urc-first');
}

async function recognize(choices: readonly (readonly [Options, Expectation])[]): Promise<void> {
  const simulator = merged(choices.map(([options]) => options));
  const { rig, profile } = await calibrated({ simulator });
  const found = flat(profile);
  const expected = expectationOf(
    simulator,
    choices.map(([, expectation]) => expectation),
  );
  assert.equal(profile.obstacle, undefined);
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, found[name]])), expected);
  await rig.stop();
}

describe('A calibration', () => {
  it('detects every option of the simulator', () => {
    const tried = SWITCHES.flatMap((values) => values.flatMap(([options]) => Object.keys(options)));
    assert.deepEqual(
      Object.keys(OPTIONS).filter((name) => !tried.includes(name) && !ELSEWHERE.includes(name)),
      [],
    );
  });

  for (const values of SWITCHES) {
    for (const choice of values) it(`recognizes ${JSON.stringify(choice[0])}`, () => recognize([choice]));
  }

  it('detects each value of an option together with each value of every other', async function () {
    this.timeout(60_000);
    for (const choices of allPairs(SWITCHES, (some) => isPossible(merged(some.map(([it]) => it))))) {
      await recognize(choices).catch((error: unknown) => {
        const options = JSON.stringify(choices.map(([it]) => it));
        throw new Error(`with ${options}: ${String(error)}`, { cause: error });
      });
    }
  });
});
