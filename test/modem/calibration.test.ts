import assert from 'node:assert/strict';

import type { Profile, Urc } from '../../src/modem';
import { delayNext, dropNext, OPTIONS, type SimulatorOptions } from '../../src/simulator';
import { hostileBytes } from '../system/support/hostile';
import { allPairs } from './support/all-pairs';
import { observed } from './support/observed';
import { connectPeer, type Peer, tcpServer } from './support/peers';
import { newModule, readyRig, Rig, type RigOptions, startRig } from './support/rig';
import { ScriptedModule } from './support/script';

const FIRMWARE = 'EC25EFAR06A03M4G';

type Options = Partial<SimulatorOptions>;
/** What a profile says of a module. Those that have `undefined` must not be known. */
type Expectation = Readonly<Record<string, unknown>>;

/** Each value of each switch, and how it shows. */
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
  // The server of chapter 4 does not say where it wants its URCs.
  [
    [{ urc: 'usbat' }, {}],
    [{ urc: 'usbmodem' }, {}],
  ],
  // Neither is in the way of the others.
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
];

/** Not about how the firmware treats sockets; paces are measured on their own below. */
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
];

function merged<T extends object>(parts: readonly T[]): Partial<T> {
  return parts.reduce<Partial<T>>((all, part) => ({ ...all, ...part }), {});
}

/** All of a profile that a switch can show in. */
function flat({ dialect, lacks, facts }: Profile): Expectation {
  return { ...dialect, lacks, ...facts };
}

/** What several switches show together. */
function expectationOf(options: Options, expectations: readonly Expectation[]): Expectation {
  const all: Record<string, unknown> = { ...merged(expectations) };
  if (options.args === 'example') {
    all.readHeader = 'QFWDACK';
    all.lacks = ['QFWDRECV', ...((all.lacks as string[] | undefined) ?? [])];
    if (options.urc === 'usbmodem') all.readReport = 'none';
  }
  if (options.lacks) Object.assign(all, { sendMax: undefined, recvMax: undefined });
  return all;
}

/** A module that has no command to read with cannot be calibrated. */
function isPossible({ args, lacks }: Options): boolean {
  return !(args === 'example' && lacks?.includes('QFWDACK'));
}

/** Calibrates, and looks that nothing is left behind and nothing but the driver's own commands was executed. */
async function calibrated(options: RigOptions = {}): Promise<{ rig: Rig; profile: Profile }> {
  const lines: string[] = [];
  const rig = await readyRig({ ...options, transport: observed(lines) });
  const profile = await rig.modem.calibrate();
  assert.deepEqual(rig.module.commands, lines);
  await checkClean(rig);
  return { rig, profile };
}

/** Nothing is open, and the next command is understood. */
async function checkClean(rig: Rig): Promise<void> {
  assert.deepEqual(await rig.modem.requests.servers(), []);
  assert.deepEqual(await rig.modem.requests.clients(), []);
  assert.deepEqual(rig.modem.connections(), []);
  assert.equal(rig.modem.counters.reconnects, 0);
}

async function recognise(choices: readonly (readonly [Options, Expectation])[]): Promise<void> {
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

function* untilFound(lines: Iterator<string>, wanted: string): Generator<string> {
  for (let next = lines.next(); !next.done; next = lines.next()) {
    yield next.value;
    if (next.value === wanted) return;
  }
}

describe('Calibration', () => {
  it('recognises every switch of the simulator', () => {
    const tried = SWITCHES.flatMap(([first]) => Object.keys(first?.[0] ?? {}));
    assert.deepEqual(
      Object.keys(OPTIONS).filter((name) => !tried.includes(name) && !ELSEWHERE.includes(name)),
      [],
    );
  });

  for (const values of SWITCHES) {
    for (const choice of values) it(`recognises ${JSON.stringify(choice[0])}`, () => recognise([choice]));
  }

  it('recognises each value of a switch beside each value of every other', async function () {
    this.timeout(60_000);
    for (const choices of allPairs(SWITCHES, (some) => isPossible(merged(some.map(([it]) => it))))) {
      await recognise(choices).catch((error: unknown) => {
        const options = JSON.stringify(choices.map(([it]) => it));
        throw new Error(`with ${options}: ${String(error)}`, { cause: error });
      });
    }
  });

  it('tells how fast the line is', async () => {
    const fast = await calibrated();
    const slow = await calibrated({ simulator: { baud: 460_800 } });
    // 46080 bytes a second, on a clock of 20 times the speed.
    assert.ok(slow.profile.facts.rate! <= 46_080 / 20, String(slow.profile.facts.rate));
    assert.ok(fast.profile.facts.rate! > slow.profile.facts.rate!);
  });

  it('tells how long an answer takes', async () => {
    const { profile } = await calibrated({ simulator: { answerDelay: 5 } });
    assert.ok(profile.facts.roundTrip! >= 20 * 4, String(profile.facts.roundTrip));
    assert.ok(profile.facts.slowest! >= profile.facts.roundTrip!);
  });

  it('sets the pace of what follows, unless the user does', async () => {
    const { profile } = await calibrated();
    const facts = { ...profile.facts, slowest: 10 };
    const missed = async (adaptsTimeout: boolean): Promise<number> => {
      const rig = await readyRig({ profile: { ...profile, facts }, modem: { adaptsTimeout } });
      // Asked after the version, and so when the profile is in use.
      await rig.modem.requests.servers();
      rig.module.inject(dropNext('result'));
      const start = rig.clock.now();
      await rig.modem.requests.servers();
      const took = rig.clock.now() - start;
      await rig.stop();
      return took;
    };
    const [usual, adapted] = [await missed(false), await missed(true)];
    assert.ok(usual >= 4000 && adapted >= 1000 && adapted < usual, `${adapted} of ${usual} ms`);
  });

  it('is ended when it takes longer than it may, and decides nothing then', async () => {
    const rig = await readyRig();
    rig.module.on('command', (line) => {
      if (/^AT\+QFWDSEND=\d/.test(line) && rig.count('AT+QFWDSEND=') === 12) rig.clock.forward(700_000);
    });
    const { obstacle, facts } = await rig.modem.calibrate();
    assert.match(obstacle ?? '', /it was not done after \d+ s/);
    assert.equal(facts.fixed, undefined);
    await checkClean(rig);
  });

  it('leaves open what a firmware takes too little at a time for', async () => {
    const { profile } = await calibrated({ simulator: { partial: 3 } });
    const { perSend, hex, variable, fixed, hexLength } = profile.facts;
    assert.deepEqual(
      [perSend, hex, variable, fixed, hexLength],
      [3, undefined, undefined, undefined, undefined],
    );
  });

  it('does not take a module that has no room just now for one that ends the data', async () => {
    const rig = await readyRig();
    let count = 0;
    let isFull = false;
    rig.module.inject({
      receive: (bytes) => {
        if (isFull) {
          isFull = false;
          return Buffer.from('\x1b');
        }
        const [, command] = /^(AT\+QFWDSEND=\d+,0),8\r$/.exec(bytes.toString('latin1')) ?? [];
        if (command === undefined) return bytes;
        // The first time that each of Ctrl-Z and ESC comes alone.
        isFull = [2, 4].includes(++count);
        return isFull ? Buffer.from(`${command}\r`) : bytes;
      },
    });
    assert.equal((await rig.modem.calibrate()).facts.fixed, 'transparent');
  });

  it('does not read where nothing is of a firmware that does not answer to that', async () => {
    const rig = await readyRig();
    let isSilent = false;
    const empty: string[] = [];
    rig.module.inject({
      send: (packet) => {
        const [line] = /\+QFWDRECV: \d+,0\b/.exec(packet.bytes.toString('latin1')) ?? [];
        if (line !== undefined) empty.push(line);
        const isDropped = line !== undefined || (isSilent && packet.kind === 'result');
        isSilent = line !== undefined;
        return isDropped ? [] : [packet];
      },
    });
    const { facts } = await rig.modem.calibrate();
    assert.deepEqual([facts.emptyRead, facts.fixed, empty.length], ['silent', 'transparent', 2]);
    rig.echo();
    const { peer } = await (await rig.openServer()).connect();
    const data = Buffer.alloc(1500, 'text');
    peer.socket.write(data);
    assert.deepEqual(await peer.until(data.length), data);
    assert.equal(empty.length, 2);
  });

  it('gives less to a firmware that refuses much', async () => {
    const rig = await readyRig();
    let isRefused = false;
    const stop = rig.module.inject({
      receive: (bytes) => {
        isRefused = bytes.length > 101;
        return isRefused ? Buffer.from('\x1b') : bytes;
      },
      send: (packet) => {
        const isError = isRefused && packet.kind === 'result';
        isRefused &&= !isError;
        return [isError ? { ...packet, bytes: Buffer.from('\r\nERROR\r\n') } : packet];
      },
    });
    const { facts } = await rig.modem.calibrate();
    assert.deepEqual([facts.perSend, facts.variable, facts.hex], [64, 'transparent', undefined]);
    const { peer, socketId } = await (await rig.openServer()).connect();
    const data = Buffer.alloc(300, 'text');
    await rig.modem.send(socketId, data, 20_000);
    assert.deepEqual(await peer.until(data.length), data);
    stop();
  });

  /** What a firmware or a serial server may do to raw data, as it would to text. */
  const MEDDLING: readonly (readonly [string, (body: string) => string])[] = [
    ['takes blanks off at the end', (body) => body.replace(/ +$/, '')],
    ['takes a line end off at the beginning', (body) => body.replace(/^\n/, '')],
    ['makes one of CR and LF', (body) => body.replaceAll('\r\n', '\n')],
    ['takes 255 twice for once', (body) => body.replaceAll('\xff\xff', '\xff')],
    ['takes Ctrl-Z off at the end', (body) => (body.endsWith('\x1a') ? body.slice(0, -1) : body)],
    ['loses NUL', (body) => body.replaceAll('\0', '')],
    ['loses XON and XOFF', (body) => body.replaceAll('\x11', '').replaceAll('\x13', '')],
  ];
  for (const [what, meddle] of MEDDLING) {
    it(`proves nothing to what ${what}`, async () => {
      const rig = await readyRig();
      const waiting = { length: 0, isRaw: false };
      rig.module.on('command', (line) => {
        const [, format, length] = /^AT\+QFWDSEND=\d+,([01])(?:,(\d+))?$/.exec(line) ?? [];
        waiting.isRaw = format === '0';
        waiting.length = Number(length ?? 0);
      });
      rig.module.inject({
        receive: (bytes) => {
          const { length, isRaw } = waiting;
          if (!isRaw || bytes.toString('latin1').startsWith('AT')) return bytes;
          waiting.isRaw = false;
          const end = length > 0 ? length : bytes.length - 1;
          const body = meddle(bytes.toString('latin1', 0, end));
          // The module takes as many bytes as it was told.
          const filled = length > 0 ? body.padEnd(length, '\r') : body;
          return Buffer.from(filled + bytes.toString('latin1', end), 'latin1');
        },
      });
      const { facts } = await rig.modem.calibrate();
      assert.equal(facts.fixed, 'altered');
      assert.equal(facts.hex, 'transparent');
    });
  }

  it('proves nothing over a line that changes bytes', async () => {
    const rig = await readyRig();
    const stop = rig.module.inject({
      receive: (bytes) =>
        bytes.length > 200 ? Buffer.from(bytes.map((it) => (it === 0x11 ? 0x7f : it))) : bytes,
    });
    const { facts } = await rig.modem.calibrate();
    stop();
    assert.deepEqual([facts.variable, facts.fixed, facts.hex], ['altered', 'altered', 'transparent']);
    const { peer, socketId } = await (await rig.openServer()).connect();
    const data = Buffer.from('\x11 is sent as HEX now');
    await rig.modem.send(socketId, data, 20_000);
    assert.deepEqual(await peer.until(data.length), data);
    const commands = rig.module.commands.filter((line) => line.startsWith('AT+QFWDSEND='));
    assert.equal(commands.at(-1), `AT+QFWDSEND=${socketId},1`);
  });

  it('disturbs nobody, and is seen by nobody', async () => {
    const rig = await readyRig();
    const echo = rig.echo();
    const urcs: Urc[] = [];
    rig.modem.on('urc', (urc) => urcs.push(urc));
    const { peer, socketId } = await (await rig.openServer()).connect();
    const bytes = hostileBytes(20_000, 'calibration');
    peer.socket.write(bytes);
    const profile = await rig.modem.calibrate();
    assert.equal(profile.facts.fixed, 'transparent');
    assert.deepEqual(await peer.until(bytes.length), bytes);
    assert.deepEqual(
      echo.connections().map((connection) => connection.socketId),
      [socketId],
    );
    const ids = urcs.flatMap((urc) => ('socketId' in urc ? [urc.socketId] : []));
    assert.deepEqual([...new Set(ids)].sort(), [
      socketId,
      ...(await rig.modem.requests.servers()).map((it) => it.socketId),
    ]);
    assert.equal(rig.modem.connections().length, 1);
  });

  it('is not taken apart by a look at what is there', async () => {
    const rig = await readyRig();
    rig.module.on('command', (line) => {
      if (!line.startsWith('AT+QFWDSEND')) return;
      // After a raw command that may change sockets, what is there is compared with what is known.
      rig.modem.requests.raw('AT+QFWDCFG="urc",1').catch(() => undefined);
    });
    const { facts } = await rig.modem.calibrate();
    assert.deepEqual(
      [facts.fixed, facts.acceptedIds, facts.udpServer],
      ['transparent', 'reused', 'per-peer'],
    );
  });

  it('is not confused by a stranger, who is turned away', async () => {
    const rig = await readyRig();
    const strangers: Promise<Peer>[] = [];
    rig.module.on('command', (line) => {
      const port = /^AT\+QFWDCLIENT=.*"tcp","127.0.0.1",(\d+)/.exec(line)?.[1];
      if (port !== undefined && strangers.length === 0) strangers.push(connectPeer(Number(port)));
    });
    const { facts } = await rig.modem.calibrate();
    assert.equal(facts.fixed, 'transparent');
    assert.equal(strangers.length, 1);
    const stranger = await strangers[0]!;
    await stranger.ended;
    assert.equal(stranger.received.length, 0);
    assert.deepEqual(rig.modem.connections(), []);
  });

  it('turns away a stranger who comes at the very end', async () => {
    const rig = await readyRig();
    const ports = new Map<string, number>();
    const strangers: Promise<Peer>[] = [];
    const ending = new AbortController();
    let said = '';
    rig.module.on('sent', (bytes) => (said += bytes.toString('latin1')));
    rig.module.on('command', (line) => {
      const [, id, port] = /^AT\+QFWDCLIENT=0,(\d+),.*"tcp",.*,(\d+),/.exec(line) ?? [];
      if (id !== undefined) ports.set(id, Number(port));
      // After this, its sockets are closed but once.
      if (/^AT\+QFWDSEND=\d/.test(line)) ending.abort();
      const closing = ports.get(line.replace('AT+QFWDCLOSE=', ''));
      if (closing === undefined || strangers.length > 0) return;
      // All that was expected is being closed, and the server still listens.
      rig.module.inject(delayNext(50));
      strangers.push(connectPeer(closing));
    });
    await assert.rejects(rig.modem.calibrate(ending.signal), { code: 'QFWD_TIMEOUT' });
    assert.equal(strangers.length, 1);
    const stranger = await strangers[0]!;
    await stranger.ended;
    assert.equal(stranger.received.length, 0);
    const { localPort } = stranger.socket;
    const accepted = new RegExp(`"client/incoming",\\d+,(\\d+),"127.0.0.1",${localPort},`).exec(said);
    assert.ok(accepted, 'he has not come in time');
    const closed = rig.module.commands.indexOf(`AT+QFWDCLOSE=${accepted[1]}`);
    assert.ok(closed >= 0);
    await checkClean(rig);
  });

  it('closes what it did not expect to open', async () => {
    const rig = await readyRig();
    const clients: string[] = [];
    let somebody: Promise<unknown> | undefined;
    rig.module.on('command', (line) => {
      const port = /^AT\+QFWDCLIENT=.*"tcp","127.0.0.1",(\d+)/.exec(line)?.[1];
      if (port === undefined || clients.push(port) < 3) return;
      // The server is closed, and somebody takes its place before the client is there.
      rig.module.inject(delayNext(50));
      somebody = tcpServer(Number(port));
    });
    const { facts } = await rig.modem.calibrate();
    assert.ok(await somebody);
    assert.deepEqual([facts.refused, facts.udpServer], [undefined, 'per-peer']);
    await checkClean(rig);
  });

  describe('where the module has no loopback', () => {
    it('says so, of one that does not let itself in', async () => {
      const opened: string[] = [];
      const script = new ScriptedModule((line) => {
        const [command, id = ''] = /^AT\+QFWD(SEVER|CLIENT)=\d+,(\d+)/.exec(line)?.slice(1) ?? [];
        if (command === undefined) return undefined;
        opened.push(id);
        const urc = command === 'SEVER' ? `"server/open",${id},0` : `"client/open",${id},111`;
        return `\r\nOK\r\n\r\n+QFWDURC: ${urc}\r\n`;
      });
      const rig = await readyRig({ transport: () => script });
      const profile = await rig.modem.calibrate();
      assert.match(profile.obstacle ?? '', /result 111/);
      assert.equal(profile.facts.fixed, undefined);
      const closed = script.commands.filter((line) => line.startsWith('AT+QFWDCLOSE=6'));
      assert.deepEqual(
        closed,
        opened.reverse().map((id) => `AT+QFWDCLOSE=${id}`),
      );
      assert.equal(rig.modem.state, 'ready');
    });

    it('says so, of one that says nothing more', async () => {
      const script = new ScriptedModule(() => undefined);
      const rig = await readyRig({ transport: () => script });
      const profile = await rig.modem.calibrate();
      assert.match(profile.obstacle ?? '', /did not say/);
      assert.equal(rig.modem.state, 'ready');
    });

    it('says so, of one that has no clients', async () => {
      const rig = await readyRig({ simulator: { lacks: 'QFWDCLIENT' } });
      const profile = await rig.modem.calibrate();
      assert.match(profile.obstacle ?? '', /operation not supported/);
      assert.deepEqual(profile.lacks, ['QFWDCLIENT']);
      assert.deepEqual(await rig.servers(), []);
    });

    for (const lacks of ['QFWDSEND', 'QFWDRECV']) {
      it(`leaves open what takes ${lacks}`, async () => {
        const { profile } = await calibrated({ simulator: { lacks } });
        assert.deepEqual(profile.lacks, [lacks]);
        assert.equal(profile.facts.fixed, undefined);
      });
    }
  });

  describe('that is ended in the middle', () => {
    /** After so many command lines of its own. */
    const MOMENTS = [3, 11, 14, 20, 32, 48, 62, 76];

    function after(rig: Rig, lines: number, act: () => void): void {
      const start = rig.module.commands.length;
      rig.module.on('command', () => {
        if (rig.module.commands.length === start + lines) act();
      });
    }

    for (const lines of MOMENTS) {
      it(`by a lost link after ${lines} commands leaves a healthy modem`, async () => {
        const rig = await readyRig();
        after(rig, lines, () => rig.module.unplug());
        await assert.rejects(rig.modem.calibrate(), { code: 'QFWD_OFFLINE' });
        await rig.state('offline');
        rig.clock.forward(60_000);
        await rig.state('ready');
        assert.equal((await rig.modem.calibrate()).facts.fixed, 'transparent');
        assert.deepEqual(await rig.modem.requests.servers(), []);
        assert.deepEqual(await rig.modem.requests.clients(), []);
        assert.deepEqual(rig.modem.connections(), []);
      });

      it(`by whoever asked for it after ${lines} commands leaves nothing open`, async () => {
        const rig = await readyRig();
        const ending = new AbortController();
        after(rig, lines, () => ending.abort());
        await assert.rejects(rig.modem.calibrate(ending.signal), { code: 'QFWD_TIMEOUT' });
        await checkClean(rig);
        assert.equal(rig.modem.profile, undefined);
      });

      it(`by the end of the modem after ${lines} commands leaves nothing open`, async () => {
        const rig = await readyRig();
        const stopped = new Promise((resolve) => after(rig, lines, () => resolve(rig.stop())));
        await assert.rejects(rig.modem.calibrate(), { code: 'QFWD_TIMEOUT' });
        await stopped;
        const [server, clients] = [await rig.servers(), await rig.clients()];
        assert.deepEqual([server, clients], [[], []]);
      });

      it(`by a restart of the module after ${lines} commands leaves a healthy modem`, async () => {
        const rig = await readyRig();
        after(rig, lines, () => void rig.module.reboot());
        await assert.rejects(rig.modem.calibrate(), { code: 'QFWD_OFFLINE' });
        await rig.state('ready');
        assert.equal((await rig.modem.calibrate()).facts.fixed, 'transparent');
      });
    }
  });

  for (const kind of ['prompt', 'result', 'urc'] as const) {
    for (const lines of [14, 22, 30, 45]) {
      it(`goes on when a ${kind} is lost after ${lines} commands`, async () => {
        const written: string[] = [];
        const rig = await readyRig({ transport: observed(written) });
        const start = rig.module.commands.length;
        rig.module.on('command', () => {
          if (rig.module.commands.length === start + lines) rig.module.inject(dropNext(kind));
        });
        await rig.modem.calibrate();
        // What the module has taken for payload it has not executed.
        const left = written.values();
        for (const line of rig.module.commands) assert.ok([...untilFound(left, line)].includes(line), line);
        await checkClean(rig);
      });
    }
  }

  describe('has a profile', () => {
    const binary = Buffer.alloc(2048, '\x1a\x1b\x00\xff', 'latin1');

    async function sentBinary(rig: Rig): Promise<string[]> {
      const outside = await tcpServer();
      const { socketId } = await rig.declareClient({ port: outside.port }).event('client/open');
      const peer = await outside.peers.next();
      await rig.modem.send(socketId, binary, 20_000);
      assert.deepEqual(await peer.until(binary.length), binary);
      return rig.module.commands
        .filter((it) => it.startsWith(`AT+QFWDSEND=${socketId},`))
        .map((it) => it.slice(it.indexOf(',') + 1));
    }

    it('by which binary data goes raw, in half as many commands', async () => {
      const { rig } = await calibrated();
      assert.deepEqual(await sentBinary(rig), ['0,1024', '0,1024']);
    });

    it('by which it goes as HEX where raw is not safe, in units that are known', async () => {
      const { rig } = await calibrated({ simulator: { fixedLength: 'ends-at-ctrl-z', hexActual: 'chars' } });
      assert.deepEqual(await sentBinary(rig), ['1', '1', '1', '1']);
    });

    it('that is used again while the firmware is the same', async () => {
      const { profile } = await calibrated();
      assert.equal(profile.firmware, FIRMWARE);
      const rig = startRig({ profile });
      const news: Profile[] = [];
      rig.modem.on('profile', (it) => news.push(it));
      await rig.state('ready');
      assert.deepEqual(await sentBinary(rig), ['0,1024', '0,1024']);
      assert.deepEqual(rig.modem.profile, profile);
      assert.deepEqual(news, []);
    });

    it('that is not used with another firmware', async () => {
      const { profile } = await calibrated();
      const rig = await readyRig({ profile: { ...profile, firmware: 'EC25EFAR06A04M4G' } });
      assert.deepEqual(await sentBinary(rig), ['1', '1', '1', '1', '1']);
      assert.equal(rig.modem.profile, undefined);
      const { measured } = rig.modem;
      assert.deepEqual([measured?.profile.firmware, measured?.firmware], ['EC25EFAR06A04M4G', FIRMWARE]);
    });

    it('made by itself after the first connect, if that is wanted, and told', async () => {
      const module = newModule();
      const rig = startRig({ module, modem: { calibrate: true } });
      const profile = await new Promise<Profile>((resolve) => rig.modem.once('profile', resolve));
      assert.equal(profile.facts.fixed, 'transparent');
      await rig.replug();
      assert.deepEqual(await sentBinary(rig), ['0,1024', '0,1024']);
      await rig.stop();
      const sent = module.commands.length;
      await readyRig({ module, modem: { calibrate: true }, profile });
      assert.ok(!module.commands.slice(sent).some((line) => /SEVER=\d/.test(line)));
    });

    it('of one calibration at a time', async () => {
      const rig = await readyRig();
      const first = rig.modem.calibrate();
      await assert.rejects(rig.modem.calibrate(), { code: 'QFWD_INVALID' });
      await first;
    });

    it('only while the modem is there', async () => {
      const rig = startRig();
      await assert.rejects(rig.modem.calibrate(), { code: 'QFWD_OFFLINE' });
    });
  });
});
