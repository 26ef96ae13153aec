import assert from 'node:assert/strict';

import { cutInto, delayNext, loseInput } from '../../src/simulator';
import { newMemory } from '../../src/modem';
import { hostileBytes, sha256 } from '../support/hostile';
import { anyFault } from '../support/modem/faults';
import { QFWD, scenario } from '../support/modem/family';
import { forget, inUse, type Pair, pair, parts, PORTS, reportsAt } from '../support/modem/pair';
import { freePort } from '../support/free-port';
import { type Peer } from '../support/peers';
import { Port } from '../support/modem/ports';
import { randomFrom } from '../support/random';
import {
  assertAccounted,
  assertRead,
  codeOf,
  numbersIn,
  type Outcomes,
  record,
  sendBatch,
} from '../support/modem/records';
import { newModule, readyRig, type Rig, startRig } from '../support/modem/rig';

scenario('Two AT ports', (family) => {
  it('share the work: one sends while the other reads, and no data is changed', async () => {
    const it = await pair();
    const { rig } = it;
    const echo = rig.echo();
    const { peer } = await (await rig.openServer()).connect();
    const bytes = hostileBytes(200_000, 'both ways');
    peer.socket.write(bytes);
    assert.equal(sha256(await peer.until(bytes.length)), sha256(bytes));
    assert.deepEqual(echo.failures, []);
    assert.deepEqual(parts(it), { send: ['usbmodem'], read: ['usbat'] });
  });

  it('exchange their tasks if URCs go to the second', async () => {
    const it = await pair({ simulator: family.reportingTo('usbmodem') });
    const { rig } = it;
    const echo = rig.echo();
    const { peer } = await (await rig.openServer({ urcPort: 'usbmodem' })).connect();
    const bytes = hostileBytes(50_000, 'both ways');
    peer.socket.write(bytes);
    assert.equal(sha256(await peer.until(bytes.length)), sha256(bytes));
    assert.deepEqual(echo.failures, []);
    assert.deepEqual(parts(it), { send: ['usbat'], read: ['usbmodem'] });
  });

  it('are used one at a time unless configured otherwise', async () => {
    const it = await pair({}, false);
    const { rig } = it;
    const echo = rig.echo();
    const { peer } = await (await rig.openServer()).connect();
    peer.socket.write('hello');
    await peer.untilText('hello');
    assert.deepEqual([echo.failures, parts(it)], [[], { send: ['usbat'], read: ['usbat'] }]);
  });

  it('are used one at a time, except for reads of connections whose URCs go to the second', async () => {
    const it = await pair({ simulator: family.reportingTo('usbmodem') }, false);
    const { rig } = it;
    await inUse(it, 'usbmodem');
    rig.echo();
    const { peer } = await (await rig.openServer({ urcPort: 'usbmodem' })).connect();
    peer.socket.write('hello');
    await peer.untilText('hello');
    assert.deepEqual(parts(it), { send: ['usbat'], read: ['usbmodem'] });
  });

  it('keep the order of data on every socket', async () => {
    const { rig } = await pair();
    const echo = rig.echo();
    const server = await rig.openServer();
    const peers = [];
    for (let index = 0; index < 11; index++) peers.push((await server.connect()).peer);
    const bytes = peers.map((_, index) => hostileBytes(9000 + 700 * index, `socket ${index}`));
    peers.forEach(({ socket }, index) => socket.write(bytes[index]!));
    for (const [index, peer] of peers.entries()) {
      assert.equal(sha256(await peer.until(bytes[index]!.length)), sha256(bytes[index]!));
    }
    assert.deepEqual(echo.failures, []);
  });

  it('are not both required: one that does not respond is reported once', async () => {
    const module = newModule();
    module.inject(loseInput(Infinity), 'usbmodem');
    const rig = await readyRig({
      module,
      modem: { parallel: true, commandTimeout: 500 },
      second: () => new Port('usbmodem', module),
    });
    const echo = rig.echo();
    const { peer } = await (await rig.openServer()).connect();
    await rig.pass(60_000);
    peer.socket.write('hello');
    await peer.untilText('hello');
    assert.deepEqual(echo.failures, []);
    assert.match(String(rig.problems), /^[^,]+the module does not answer/);
  });

  it('cost an idle modem no more than one command in ten seconds', async () => {
    const { rig, commands } = await pair();
    rig.collect();
    await (await rig.openServer()).connect();
    await rig.pass(20_000);
    const before = commands.usbat.length + commands.usbmodem.length;
    await rig.pass(300_000);
    const spent = commands.usbat.length + commands.usbmodem.length - before;
    // One more in a round asks for the PDP contexts, where there is more than the list of sockets.
    assert.ok(spent > 0 && spent <= 40, `${spent} commands in 300 s`);
  });

  it('are both closed when the modem is stopped', async () => {
    const { rig, ports } = await pair();
    await rig.openServer();
    await rig.stop();
    assert.deepEqual([ports.usbat.isOpen, ports.usbmodem.isOpen], [false, false]);
  });

  it('are set up again when the module restarts', async () => {
    const it = await pair();
    const { rig } = it;
    rig.echo();
    const server = await rig.openServer();
    forget(it);
    await rig.module.reboot();
    await server.event('server/open');
    await inUse(it, 'usbmodem');
    const { peer } = await server.connect();
    peer.socket.write('hello');
    await peer.untilText('hello');
    assert.deepEqual(parts(it), { send: ['usbmodem'], read: ['usbat'] });
  });
});

scenario('A second port of another module', () => {
  it('is rejected, reported once, and never written to, nor used in place of the first', async () => {
    const stranger = newModule({ imei: '861107030000025' });
    const theirs = new Port('usbmodem', stranger);
    const module = newModule();
    const ours = new Port('usbat', module);
    const rig = await readyRig({
      module,
      modem: { parallel: true },
      transport: () => ours,
      second: () => theirs,
    });
    const other = await readyRig({ module: stranger });
    const [server, strange] = [await rig.openServer(), await other.openServer({ owner: 'a stranger' })];
    const [mine, foreign] = [await server.connect(), await strange.connect()];
    assert.equal(mine.socketId, foreign.socketId);
    for (let passed = 0; passed < 30; passed++) {
      await rig.pass(1000);
      await rig.modem.send(mine.socketId, Buffer.from('.'), 20_000);
    }
    foreign.peer.socket.end();
    ours.pull();
    await rig.state('offline');
    await rig.pass(5000);
    ours.plug();
    await rig.state('ready');
    await rig.modem.send(mine.socketId, Buffer.from('!'), 20_000);
    await mine.peer.untilText('!');
    assert.equal(mine.peer.received.toString(), `${'.'.repeat(30)}!`);
    assert.equal(foreign.peer.received.length, 0);
    assert.ok(!stranger.commands.some((line) => /QFWD(SEND|RECV|CLOSE)=\d/.test(line)));
    assert.deepEqual([rig.problems.length, String(rig.problems).includes('another module')], [1, true]);
    assert.ok(!server.events.includes('client/close'));
  });
});

scenario('A socket that is used over two ports', () => {
  it('is closed after what is being sent, which does not reach the next connection with its id', async () => {
    const { rig } = await pair();
    const server = await rig.openServer();
    const { peer, socketId } = await server.connect();
    rig.module.inject(delayNext(800), 'usbmodem');
    const sends = ['one', 'two'].map((text) => rig.modem.send(socketId, Buffer.from(text), 20_000));
    const closing = rig.modem.requests.close(socketId);
    const [one, two] = await Promise.allSettled(sends);
    await closing;
    const next = await server.connect();
    assert.equal(next.socketId, socketId);
    assert.equal(one?.status, 'fulfilled');
    assert.ok(two?.status === 'fulfilled' || codeOf(two?.reason) === 'QFWD_CLOSED');
    await peer.ended;
    assert.equal(peer.received.toString(), two?.status === 'fulfilled' ? 'onetwo' : 'one');
    await rig.modem.send(socketId, Buffer.from('yours'), 20_000);
    await next.peer.untilText('yours');
    assert.equal(next.peer.received.toString(), 'yours');
  });

  for (const urcPort of PORTS) {
    it(`does not deliver its data to the next connection with its id (URCs: ${urcPort})`, async () => {
      const { rig } = await pair();
      const collector = rig.collect();
      const server = await rig.openServer({ urcPort });
      const tellTale = async (index: number): Promise<void> => {
        const peer = await server.dial();
        peer.socket.end(`${peer.port}:${index};`.repeat(50));
        await peer.closed;
      };
      const lane = async (first: number): Promise<void> => {
        for (let index = first; index < first + 8; index++) await tellTale(index);
      };
      await Promise.all([lane(0), lane(100), lane(200)]);
      await collector.ended.until(() => collector.ended.all.length === 24);
      assert.equal(collector.connections().length, 24);
      for (const connection of collector.connections()) {
        const text = collector.dataOf(connection).toString();
        assert.match(text, new RegExp(`^(${connection.ends?.port}:\\d+;){50}$`));
      }
    });
  }
});

scenario('If one of two ports is lost, the other', () => {
  for (const lost of PORTS) {
    it(`works without ${lost}, and shares the work again when that is back`, async () => {
      const it = await pair();
      const { rig, ports } = it;
      const echo = rig.echo();
      const server = await rig.openServer();
      const { peer } = await server.connect();
      ports[lost].pull();
      if (lost === 'usbat') {
        await rig.state('offline');
        await rig.state('ready');
      }
      // A report to the port that is lost is made up for by looking.
      peer.socket.write('alone');
      await peer.untilText('alone');
      forget(it);
      ports[lost].plug();
      await inUse(it, lost);
      await reportsAt(rig, 'usbat');
      // What was queued for one port before stays there.
      peer.socket.write(' still');
      await peer.untilText(' still');
      forget(it);
      peer.socket.write(' and together');
      await peer.untilText(' and together');
      assert.deepEqual(echo.failures, []);
      assert.deepEqual(parts(it), { send: ['usbmodem'], read: ['usbat'] });
      assert.ok(!server.events.includes('client/close'));
    });
  }
});

scenario('Numbered records both ways over two ports', () => {
  const BATCH = 5;
  const BATCHES = 12;
  const LAST = 1 + BATCH * BATCHES;

  for (const port of PORTS) {
    for (const seed of [1, 2]) {
      it(`are received once and in order while ${port} is lost and reopened (seed ${seed})`, async function () {
        this.timeout(30_000);
        const random = randomFrom(seed);
        const it = await pair({ simulator: { answerDelay: 1 } });
        const { rig, ports } = it;
        const pull = async (sent: Promise<unknown>): Promise<void> => {
          if (random(2) === 0) return;
          await writes(rig, random(16), sent);
          ports[port].pull();
          await writes(rig, random(8), sent);
          forget(it);
          ports[port].plug();
          if (random(2) === 0) await inUse(it, port);
        };
        assert.ok((await exchange(it, { during: pull })) < LAST);
      });

      it(`are received once and in order whatever happens to ${port} (seed ${seed})`, async function () {
        this.timeout(30_000);
        const random = randomFrom(seed);
        const it = await pair({ modem: { commandTimeout: 3000 } });
        it.rig.module.inject(
          cutInto(() => 1 + random(40)),
          port,
        );
        const disturb = (): void => {
          if (random(3) > 0) it.rig.module.inject(anyFault(random), port);
        };
        await exchange(it, { before: disturb });
      });
    }
  }

  /** What happens to each batch. */
  interface Happenings {
    readonly before?: () => void;
    readonly during?: (sent: Promise<unknown>) => Promise<void>;
  }

  /** @returns how many were not sent, or perhaps not */
  async function exchange(
    { rig }: Pair,
    { before = () => undefined, during = () => Promise.resolve() }: Happenings,
  ): Promise<number> {
    const { peer, socketId } = await (await rig.openServer()).connect();
    const collector = rig.collect();
    const failed: Outcomes = new Map();
    // The unit of lengths in HEX is found out by the first byte.
    await rig.modem.send(socketId, record(0), 60_000);
    peer.socket.write(record(0));
    for (let first = 1; first < LAST; first += BATCH) {
      before();
      const sent = sendBatch(rig, socketId, first, BATCH);
      for (let number = first; number < first + BATCH; number++) peer.socket.write(record(number));
      await during(sent);
      for (const [number, code] of await sent) failed.set(number, code);
      while (rig.modem.state !== 'ready') await rig.states.next();
    }
    await rig.modem.send(socketId, record(LAST), 120_000);
    await peer.untilText(`#${LAST}`);
    peer.socket.write(record(LAST));
    await collector.untilText(socketId, `#${LAST}`);

    for (const code of failed.values())
      assert.ok(['QFWD_OFFLINE', 'QFWD_UNKNOWN_OUTCOME'].includes(code), code);
    assertAccounted(numbersIn(peer.received), failed, LAST + 1);
    assertRead(collector, collector.data(socketId), LAST + 1);
    return failed.size;
  }

  /** Waits until so much more was written to the module, or all was sent. */
  async function writes({ module }: Rig, count: number, sent: Promise<unknown>): Promise<void> {
    let note = (): void => undefined;
    const written = new Promise<void>((resolve) => {
      let left = count;
      note = () => {
        if (left-- <= 0) resolve();
      };
    });
    module.on('received', note);
    await Promise.race([written, sent]);
    module.off('received', note);
  }
});

scenario('A modem that is deployed again', (family) => {
  it('with two ports, then with one, and so on, loses no received data', async () => {
    const module = newModule();
    const memory = newMemory();
    const port = await freePort();
    const bytes = hostileBytes(60_000, 'deployed again');
    const pieces: Buffer[] = [];
    let peer: Peer | undefined;
    for (let turn = 0; turn < 8; turn++) {
      const rig = startRig({
        module,
        memory,
        modem: { parallel: turn % 2 === 0 },
        transport: () => new Port('usbat', module),
        second: () => new Port('usbmodem', module),
      });
      const collector = rig.collect();
      const server = await rig.declareServer({ port });
      await server.event('server/open');
      if (peer) {
        await server.event('client/incoming');
      } else {
        ({ peer } = await server.connect());
        peer.socket.write(bytes);
      }
      const length = (): number =>
        collector.connections().reduce((sum, it) => sum + collector.dataOf(it).length, 0);
      const most = bytes.length - pieces.reduce((sum, piece) => sum + piece.length, 0);
      await rig.until(() => length() >= Math.min(turn < 7 ? 5000 : most, most));
      await rig.stop();
      pieces.push(...collector.connections().map((it) => collector.dataOf(it)));
    }
    assert.equal(sha256(Buffer.concat(pieces)), sha256(bytes));
  });

  it('is calibrated over the first port only', async () => {
    const it = await pair();
    forget(it);
    await it.rig.modem.calibrate();
    assert.deepEqual(parts(it), { send: ['usbat'], read: ['usbat'] });
  });

  if (family === QFWD)
    it('is calibrated as with one port, during other traffic, and with the first port lost', async () => {
      const measured = async ({ modem }: Rig) => {
        const { openOrder, prompt, readHeader, readReport, emptyRead, hex, variable, fixed, perSend } = (
          await modem.calibrate()
        ).facts;
        return { openOrder, prompt, readHeader, readReport, emptyRead, hex, variable, fixed, perSend };
      };
      const expected = await measured(await readyRig());
      const it = await pair();
      const { rig, ports } = it;
      rig.echo();
      const { peer } = await (await rig.openServer()).connect();
      peer.socket.write(hostileBytes(30_000, 'load'));
      assert.deepEqual(await measured(rig), expected);
      await peer.until(30_000);
      ports.usbat.pull();
      await reportsAt(rig, 'usbmodem');
      assert.deepEqual(await measured(rig), expected);
    });
});
