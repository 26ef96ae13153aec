import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { PassThrough } from 'node:stream';

import { systemClock, type Transport } from '../../src/at';
import { check, type CheckResult } from '../../src/check/check';
import { asJson, report, summary } from '../../src/check/report';
import type { SocketFamily } from '../../src/modem';
import { qfwdFamily } from '../../src/qfwd';
import { SimulatedModule, type SimulatorOptions } from '../../src/simulator';
import { tcpipFamily } from '../../src/tcpip';
import { inProcessTransport } from '../../src/transport';

const FRAME = { software: '1.2.3', port: 'a module' };

interface Ran {
  readonly module: SimulatedModule;
  readonly result: CheckResult;
  readonly steps: readonly string[];
}

describe('A check', () => {
  let module: SimulatedModule;
  afterEach(() => module.powerOff());

  async function run(
    simulator: Partial<SimulatorOptions> = {},
    {
      families = [qfwdFamily],
      sockets = true,
      endAt = 'never',
      loseAt = 'never',
      transport,
      secondTransport,
    }: {
      families?: readonly SocketFamily[];
      sockets?: boolean;
      endAt?: string;
      loseAt?: string;
      transport?: Transport;
      secondTransport?: Transport;
    } = {},
  ): Promise<Ran> {
    module = new SimulatedModule({ family: 'qfwd', ...simulator });
    const steps: string[] = [];
    const ending = new AbortController();
    const result = await check({
      transport: transport ?? inProcessTransport('a module', () => module.attach()),
      secondTransport,
      families,
      listensTo: undefined,
      sockets,
      clock: systemClock,
      progress: (text) => {
        steps.push(text);
        if (text.includes(endAt)) afterCommands(10, () => ending.abort());
        if (text.includes(loseAt)) afterCommands(10, () => void module.powerOff());
      },
      signal: ending.signal,
    });
    return { module, result, steps };
  }

  function afterCommands(count: number, action: () => void): void {
    let left = count;
    module.on('command', () => {
      if (--left === 0) action();
    });
  }

  /** The sockets that the module lists at a port that the check does not use. */
  async function socketsOf(it: SimulatedModule): Promise<string[]> {
    const host = it.attach('uart1');
    let said = '';
    host.on('data', (bytes: Buffer) => (said += bytes.toString()));
    host.write('ATE0\rAT+QFWDSEVER?\rAT+QFWDCLIENT?\r');
    while ((said.match(/OK\r\n/g) ?? []).length < 3) await new Promise(setImmediate);
    return said.split('\r\n').filter((line) => line.startsWith('+'));
  }

  it('finds nothing wrong with a healthy module, measures it, and leaves nothing open', async () => {
    const { result, steps } = await run();
    const { measurement, profile } = result;
    assert.equal(result.isWell, true, summary(result));
    assert.equal(result.model, 'EC25');
    assert.equal(profile?.facts.fixed, 'transparent');
    for (const figure of [
      measurement?.dataRoundTrip,
      measurement?.clientToServer,
      measurement?.serverToClient,
    ])
      assert.ok((figure ?? 0) > 0);
    assert.deepEqual(await socketsOf(module), []);
    assert.match(steps.at(-1)!, /and closing the port/);
  });

  it('measures also if a port of the module is in use', async () => {
    const other = createServer();
    // Another run of this test may have it.
    const isTaken = once(other, 'error');
    other.listen(60_900, '127.0.0.1');
    await Promise.race([once(other, 'listening'), isTaken]);
    const { result } = await run();
    other.close();
    assert.equal(result.isWell, true, summary(result));
  });

  it('measures a module with the TCP/IP commands', async () => {
    const { result } = await run({ family: 'tcpip' }, { families: [tcpipFamily] });
    assert.equal(result.commands, 'tcpip', summary(result));
    assert.ok((result.measurement?.clientToServer ?? 0) > 0, summary(result));
  });

  it('stores no setting and enters no PIN', async () => {
    await run({ pin: '1234' });
    const changing = /^AT(&W|\+(CPIN|CLCK|CPWD|QURCCFG|QCFG|IPR|CGDCONT|QICSGP|CFUN)=(?!\?)(?!"urcport"$))/i;
    assert.deepEqual(
      module.commands.filter((command) => changing.test(command)),
      [],
    );
  });

  it('waits for the socket commands of a module whose SIM is locked, and reports that as a problem', async () => {
    const { result } = await run({ pin: '1234' });
    assert.deepEqual(
      result.findings.filter(({ verdict }) => verdict !== 'ok').map(({ step }) => step),
      ['sim', 'signal', 'registration'],
    );
    assert.match(summary(result), /\nIt works\. Look at what is marked with !\.$/);
  });

  it('does not count resynchronizations that the calibration causes', async () => {
    const { result } = await run({ hexUnits: 'chars' });
    assert.equal(result.resyncs, 0);
  });

  it('reports that the module was lost', async () => {
    const { result } = await run({}, { endAt: 'never', loseAt: 'calibrating' });
    assert.equal(result.wasLost, true, summary(result));
    assert.match(summary(result), /stopped answering or restarted during the check\. Check the cable/);
  });

  it('says what is needed by a module whose sockets need the network', async () => {
    const { result } = await run({ family: 'tcpip', pin: '1234' }, { families: [tcpipFamily] });
    assert.match(summary(result), /✗ SIM .*\n {4}The SIM needs its PIN[^\n]*in a phone\.\n/);
    assert.match(
      summary(result),
      /\n✗ The firmware could not be calibrated: [^\n]*\.\n✗ Round trip[^\n]*\.\nSomething is wrong\.$/,
    );
  });

  it('warns of answers that did not come', async () => {
    const { result } = await run({}, { sockets: false });
    for (const unwell of [
      { ...result, timeouts: 1 },
      { ...result, resyncs: 1 },
    ])
      assert.match(summary(unwell), / 1\n! Answers did not come in time[^\n]*\nIt works\. Look at/);
  });

  it('reports what it waits for', async () => {
    const waiting = 'waiting for the socket commands';
    const { steps } = await run({ family: 'tcpip' }, { endAt: waiting });
    assert.ok(steps[1]?.startsWith(waiting), steps.join());
  });

  it('only sends queries if it is told to open no sockets', async () => {
    const { result } = await run({}, { sockets: false });
    assert.equal(result.isWell, true);
    assert.equal(result.profile, undefined);
    assert.ok(!module.commands.some((command) => /^AT\+QFWD(SEVER|CLIENT|SEND|RECV)=(?!\?)/.test(command)));
  });

  it('names a remedy for a port that cannot be opened', async () => {
    const transport = { name: '/dev/x', open: () => Promise.reject(new Error('ENOENT: no such file')) };
    const { result } = await run({}, { transport });
    assert.equal(result.isWell, false);
    assert.match(
      summary(result),
      /^✗ port {9}ENOENT: no such file\n {4}The port does not exist.*\n- not checked {2}AT, module, SIM, .*, sockets\nSomething is wrong\.$/,
    );
  });

  it('recognizes the port for positions', async () => {
    const { result } = await run(
      {},
      {
        transport: inProcessTransport('/dev/x', () => {
          const port = new PassThrough();
          port.write = () =>
            port.push('$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n');
          return port;
        }),
      },
    );
    assert.match(
      summary(result),
      /^✗ port {9}the module does not answer, but positions \(NMEA\)[^\n]*\n {4}The port is open/,
    );
    assert.doesNotMatch(report(result, FRAME), /4807/);
  });

  it('checks the second port, if there is one', async () => {
    const secondTransport = { name: '/dev/y', open: () => Promise.reject(new Error('ENOENT: no such file')) };
    const { result } = await run({}, { sockets: false, secondTransport });
    const found = result.findings.find(({ step }) => step === 'second');
    assert.equal(found?.verdict, 'warn', summary(result));
  });

  it('closes its sockets when it is interrupted', async () => {
    for (const endAt of ['getting in step', 'calibrating', 'measuring']) {
      const { result } = await run({ answerDelay: 5 }, { endAt });
      assert.deepEqual([result.wasEnded, result.isWell], [true, false], endAt);
      assert.deepEqual(await socketsOf(module), [], endAt);
      await module.powerOff();
    }
  });

  it('reports without IMEI, ICCID and addresses', async () => {
    const { result } = await run();
    const found = { ...result, calibrationObstacle: 'no way to 192.0.2.17 or 2001:db8::1' };
    for (const text of [report(found, FRAME), asJson(found, FRAME), summary(found)]) {
      assert.doesNotMatch(text, /\d{15}|192\.0\.2|2001:db8/);
      assert.match(text, /EC25EFAR06A03M4G/);
    }
    assert.match(report(found, FRAME), /\| fixed \| transparent \|/);
    assert.deepEqual((JSON.parse(asJson(found, FRAME)) as { software: string }).software, '1.2.3');
  });
});
