import assert from 'node:assert/strict';
import { once } from 'node:events';
import helper from 'node-red-node-test-helper';
import RED from 'node-red';
import type { Modem } from '../../../src/modem';
import { defer } from '../../support/cleanup';
import { freePort } from '../../support/free-port';
import { connectedFlow, Flow, node, simulatorModem, startFlow } from '../support/flow';
import { serveModule } from '../support/module';

interface Snapshot {
  readonly id: string;
  readonly state: string;
  readonly reason?: string;
  readonly sockets: readonly Record<string, unknown>[];
  readonly endpoints: readonly Record<string, unknown>[];
  readonly waiting: number;
  readonly waitingFor?: Readonly<Record<string, unknown>>;
  readonly facts?: object;
  readonly lineCount: number;
  readonly lines: readonly { readonly at: number; readonly text: string }[];
  readonly counters?: Readonly<Record<string, number>>;
}

interface Finding {
  readonly step: string;
  readonly verdict: string;
  readonly remedy?: string;
}

function modemOf({ modemId }: Flow): Modem {
  return (helper.getNode(modemId) as unknown as { readonly modem: Modem }).modem;
}

interface Calibration {
  readonly firmware: string;
  readonly firmwareNow?: string;
  readonly obstacle?: string;
  readonly binary: string;
  readonly rows: readonly { readonly item: string; readonly value?: string; readonly word?: string }[];
}

describe('The admin API', () => {
  async function modems(): Promise<Snapshot[]> {
    const { body } = await helper.request().get('/qfwd/modems').expect(200);
    return body as Snapshot[];
  }

  async function details(id: string, after = 0): Promise<Snapshot> {
    const { body } = await helper
      .request()
      .get(`/qfwd/modems/${encodeURIComponent(id)}?after=${after}`)
      .expect(200);
    return body as Snapshot;
  }

  async function diagnosis(id: string): Promise<Finding[]> {
    const { body } = await helper.request().post(`/qfwd/modems/${id}/diagnosis`).expect(200);
    return body as Finding[];
  }

  describe('GET qfwd/modems/<id>', () => {
    it('returns the state of a modem, its sockets with peers, bytes, and last lines', async () => {
      const { flow, peer, socketId, serverId } = await connectedFlow(
        node('recv', { to: ['send'] }),
        node('send'),
      );
      peer.socket.write('hello');
      assert.equal(await peer.text(5), 'hello');
      await flow.from('send').next();
      const modem = await details(flow.modemId);
      assert.equal(modem.id, flow.modemId);
      assert.equal(modem.state, 'ready');
      assert.deepEqual(modem.endpoints, [
        { owner: 'server', kind: 'server', state: 'open', protocol: 'tcp', socketId: serverId },
      ]);
      const sockets = modem.sockets.map(({ age, silence, ...rest }) => {
        assert.ok(Number(age) >= Number(silence) && Number(silence) >= 0);
        return rest;
      });
      assert.deepEqual(sockets, [
        {
          socketId,
          serverId,
          protocol: 'tcp',
          state: 'open',
          owner: 'server',
          ip: '127.0.0.1',
          port: peer.port,
          bytesIn: 5,
          bytesOut: 5,
        },
      ]);
      assert.equal(modem.counters?.payloadIn, 5);
      const texts = modem.lines.map(({ text }) => text);
      assert.ok(texts.includes('[5 bytes]'), texts.join('\n'));
      assert.ok(texts.every((text) => !text.includes('hello')));
    });

    it('returns only lines after those that the editor has, with their time', async () => {
      const flow = await startFlow(node('urc'));
      await flow.status('urc', 'ready');
      const { lineCount, lines } = await details(flow.modemId);
      assert.ok(Math.abs(Date.now() - lines.at(-1)!.at) < 60_000);
      await modemOf(flow).requests.raw('AT+CSQ');
      const next = await details(flow.modemId, lineCount);
      assert.equal(next.lines.length, next.lineCount - lineCount);
      assert.ok(next.lines.some(({ text }) => text === 'AT+CSQ'));
      // Another modem starts counting at 0.
      assert.ok((await details(flow.modemId, 1e6)).lines.length > next.lines.length);
    });

    it('returns SIM, network and firmware, as soon as the module has reported them', async () => {
      const flow = await startFlow(node('urc'));
      await flow.status('urc', 'ready');
      let { facts } = await details(flow.modemId);
      while (!facts) ({ facts } = await details(flow.modemId));
      assert.deepEqual(facts, {
        model: 'EC25',
        firmware: 'EC25EFAR06A03M4G',
        sim: 'READY',
        registration: 1,
        operator: 'Simulated',
        technology: 'LTE',
        signal: -73,
      });
    });

    it('returns why a server is not open, as its status does', async () => {
      const port = await freePort();
      const flow = await startFlow(node('server', { port }), node('server', { id: 'second', port }));
      await flow.status('second', 'retrying-in-use');
      const { endpoints, waiting } = await details(flow.modemId);
      const second = endpoints.find(({ owner }) => owner === 'second') as unknown as {
        status: string;
        trouble: { at: number; text: string };
      };
      assert.equal(second.status, 'retrying-in-use');
      assert.match(second.trouble.text, /port is in use/);
      assert.equal(waiting, 1);
      const [summary] = await modems();
      const { owner, status } = summary?.waitingFor ?? {};
      assert.deepEqual({ owner, status }, { owner: 'second', status: 'retrying-in-use' });
    });

    it('returns only modems', async () => {
      await startFlow();
      await helper.request().get('/qfwd/modems/nobody').expect(404);
    });
  });

  describe('GET qfwd/modems', () => {
    it('returns the state of each modem', async () => {
      const flow = await startFlow(node('urc'));
      await flow.status('urc', 'ready');
      const summary = {
        id: flow.modemId,
        name: '',
        portName: 'the simulator',
        state: 'ready',
        commands: 'qfwd',
        waiting: 0,
      };
      assert.deepEqual(await modems(), [summary]);
    });

    it('returns what is wrong with a configuration', async () => {
      await startFlow(simulatorModem({ color: 'red' }));
      const [modem] = await modems();
      assert.equal(modem?.state, 'error');
      assert.match(modem.reason ?? '', /Unknown simulator option/);
    });

    it('does not return a deleted modem, and returns a redeployed one once', async () => {
      const flow = await startFlow(node('urc'));
      await flow.deploy([simulatorModem({}, { name: 'again' }), node('urc')]);
      assert.equal((await modems()).length, 1);
      await flow.deploy([]);
      assert.deepEqual(await modems(), []);
    });

    it('must not be cached', async () => {
      await startFlow();
      await helper.request().get('/qfwd/modems').expect('Cache-Control', 'no-store');
    });
  });

  describe('POST qfwd/modems/<id>/diagnosis', () => {
    it('finds nothing wrong with the simulator', async () => {
      const flow = await startFlow(node('urc'));
      await flow.status('urc', 'ready');
      const findings = await diagnosis(encodeURIComponent(flow.modemId));
      assert.equal(findings.length, 9);
      assert.deepEqual(
        findings.filter(({ verdict }) => verdict !== 'ok'),
        [],
      );
    });

    it('returns what is wrong with a modem that cannot be reached', async () => {
      const { served, modem } = await serveModule();
      await served.close();
      const flow = await startFlow(modem, node('urc'));
      await flow.status('urc', 'offline');
      const [port, at] = await diagnosis(encodeURIComponent(flow.modemId));
      assert.deepEqual([port?.remedy, at?.verdict], ['portUnreachable', 'skip']);
    });

    it('rejects a node that is not a deployed modem', async () => {
      await startFlow();
      for (const id of ['nobody', 'server', '..%2F..', '%00', 'constructor']) {
        const { body } = await helper.request().post(`/qfwd/modems/${id}/diagnosis`).expect(404);
        assert.deepEqual(body, { message: 'there is no such modem; is it deployed?' });
      }
    });

    it('responds in the language of the request', async () => {
      const { served, modem } = await serveModule();
      await served.close();
      const flow = await startFlow(modem, node('urc'));
      await flow.status('urc', 'offline');
      const ask = (language: string) =>
        helper.request().post(`/qfwd/modems/${flow.modemId}/diagnosis`).set('Accept-Language', language);
      const [port] = (await ask('de-AT,de;q=0.9')).body as { value: string }[];
      assert.match(port!.value, / ist nicht erreichbar: /);
      const [other] = (await ask('fr')).body as { value: string }[];
      assert.match(other!.value, / cannot be reached: /);
    });

    it('rejects a modem whose configuration is invalid, with the reason', async () => {
      const flow = await startFlow(simulatorModem({ color: 'red' }));
      const address = `/qfwd/modems/${encodeURIComponent(flow.modemId)}/diagnosis`;
      const { body } = await helper.request().post(address).expect(409);
      assert.match((body as { message: string }).message, /Unknown simulator option/);
    });

    it('cannot be requested by GET', async () => {
      const flow = await startFlow();
      await helper
        .request()
        .get(`/qfwd/modems/${encodeURIComponent(flow.modemId)}/diagnosis`)
        .expect(404);
    });
  });

  describe('POST qfwd/modems/<id>/calibration', () => {
    const address = (id: string): string => `/qfwd/modems/${encodeURIComponent(id)}/calibration`;

    it('returns what was measured, with texts of the catalog', async () => {
      const flow = await startFlow(node('urc'));
      await flow.status('urc', 'ready');
      const { body } = await helper.request().post(address(flow.modemId)).expect(200);
      const { binary, rows } = body as Calibration;
      assert.equal(binary, 'raw');
      const row = (wanted: string) => rows.find(({ item }) => item === wanted);
      assert.deepEqual(row('firmware'), { item: 'firmware', value: 'EC25EFAR06A03M4G' });
      assert.deepEqual(row('fixed'), { item: 'fixed', word: 'transparent' });
      assert.deepEqual(row('sendMax'), { item: 'sendMax', value: '16384', unit: 'bytes' });
      assert.deepEqual(row('readHeader'), { item: 'readHeader', value: '+QFWDRECV' });
      assert.equal(row('lacks'), undefined);
    });

    it('is remembered after a deploy, and not repeated automatically', async () => {
      const first = await startFlow(simulatorModem({}, { calibrate: true }), node('urc'));
      await once(modemOf(first), 'profile');
      const { current: profile } = modemOf(first).calibrator;
      assert.equal(profile?.facts.fixed, 'transparent');
      // Another modem: one whose settings stay the same goes on.
      await first.deploy([simulatorModem({}, { calibrate: true, openTimeout: 60_000 }), node('urc')]);
      const again = modemOf(first);
      while (again.state !== 'ready') await once(again, 'state');
      // The version is asked for as soon as it is ready, so before this.
      await again.requests.raw('AT');
      assert.deepEqual(again.calibrator.current, profile);
      assert.ok(again.journal.entries().every(({ text }) => !/SEVER=\d/.test(text)));
    });

    it('returns what has prevented the measurement', async () => {
      const flow = await startFlow(simulatorModem({ lacks: 'QFWDCLIENT' }), node('urc'));
      await flow.status('urc', 'ready');
      const { body } = await helper.request().post(address(flow.modemId)).expect(200);
      const { binary, rows, obstacle } = body as Calibration;
      assert.match(obstacle ?? '', /operation not supported/);
      assert.equal(binary, 'unproved');
      assert.deepEqual(
        rows.filter(({ item }) => item === 'lacks' || item === 'fixed'),
        [
          { item: 'lacks', value: 'QFWDCLIENT' },
          { item: 'fixed', word: 'unknown' },
        ],
      );
    });

    it('rejects a modem that is not connected, and a node that is no modem', async () => {
      const { served, modem } = await serveModule();
      await served.close();
      const flow = await startFlow(modem, node('urc'));
      await flow.status('urc', 'offline');
      const { body } = await helper.request().post(address(flow.modemId)).expect(409);
      assert.match((body as { message: string }).message, /not connected/);
      await helper.request().post(address('nobody')).expect(404);
    });
  });

  describe('GET qfwd/modems/<id>/calibration', () => {
    async function last(id: string): Promise<Calibration | null> {
      const { body } = await helper
        .request()
        .get(`/qfwd/modems/${encodeURIComponent(id)}/calibration`)
        .expect(200);
      return body as Calibration | null;
    }

    it('returns what was measured last, or nothing', async () => {
      const flow = await startFlow(node('urc'));
      await flow.status('urc', 'ready');
      assert.equal(await last(flow.modemId), null);
      await modemOf(flow).calibrate();
      const { firmware, firmwareNow, binary, rows } = (await last(flow.modemId))!;
      assert.deepEqual([firmware, firmwareNow, binary], ['EC25EFAR06A03M4G', undefined, 'raw']);
      assert.ok(rows.some(({ item, word }) => item === 'fixed' && word === 'transparent'));
    });

    it('rejects a node that is no modem', async () => {
      await startFlow(node('urc'));
      assert.equal(await last('nobody'), null);
    });
  });

  it('lists the serial ports of this machine', async () => {
    await startFlow();
    const { body } = await helper.request().get('/qfwd/ports').expect(200);
    assert.ok(Array.isArray(body));
  });

  describe('with the trace switched on', () => {
    it('writes the dialog to the log, with the PIN masked', async () => {
      const said: string[] = [];
      const log = { emit: (_event: string, { msg }: { msg: unknown }) => void said.push(String(msg)) };
      RED.log.addHandler(log as never);
      defer(() => RED.log.removeHandler(log as never));
      const flow = new Flow();
      const modem = simulatorModem({ pin: '4321' }, { trace: true });
      await flow.start([modem, node('urc')], { [flow.modemId]: { pin: '4321' } });
      await flow.status('urc', 'ready');
      for (const line of ['! connecting', '> AT+CPIN?', '< +CPIN: SIM PIN', '> AT+CPIN=…', '< OK', '! ready'])
        assert.ok(said.includes(line), line);
      assert.ok(said.every((line) => !line.includes('4321')));
    });
  });
});
