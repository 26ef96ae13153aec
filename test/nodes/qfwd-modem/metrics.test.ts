import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { NodeAPI } from 'node-red';

import type { DeployedModem } from '../../../nodes/qfwd-modem/deployed';
import { serveMetrics } from '../../../nodes/qfwd-modem/metrics';
import { openMetrics } from '../../../nodes/qfwd-modem/open-metrics';
import { readyRig } from '../../support/modem/rig';
import { parseOpenMetrics } from '../../support/open-metrics';

type Handler = (request: object, response: object) => Promise<void>;

/** Node-RED with this setting. */
function runtime(settings: object) {
  const routes = new Map<string, { permission: string; handle: Handler }>();
  const api = {
    settings,
    auth: { needsPermission: (permission: string) => permission },
    httpAdmin: {
      get: (address: string, permission: string, handle: Handler) =>
        routes.set(address, { permission, handle }),
    },
  };
  return { api: api as unknown as NodeAPI, routes };
}

describe('Metrics', () => {
  it('are disabled by default', () => {
    for (const settings of [{}, { qfwdModemMetrics: false }, { qfwdModemMetrics: 'yes' }]) {
      const { api, routes } = runtime(settings);
      serveMetrics(api, new Map());
      assert.equal(routes.size, 0);
    }
  });

  it('have the figures of each modem, for users with permission', async () => {
    const { modem } = await readyRig();
    const all: DeployedModem[] = [
      { id: 'a', name: 'north "1"', modem, portName: 'p', paths: [] },
      { id: 'b', name: '', problem: 'invalid', portName: '', paths: [] },
      { id: 'c', name: '', portName: '', paths: [] },
    ];
    const { api, routes } = runtime({ qfwdModemMetrics: true });
    serveMetrics(api, new Map(all.map((it) => [it.id, it])));
    const { permission, handle } = routes.get('/qfwd/metrics')!;
    assert.equal(permission, 'qfwd.read');
    const headers = new Map<string, string>();
    let text = '';
    const response = {
      set(name: string, value: string) {
        headers.set(name, value);
        return response;
      },
      send: (body: Buffer) => (text = body.toString()),
    };
    await handle({}, response);
    assert.match(headers.get('Content-Type')!, /^application\/openmetrics-text; version=1\.0\.0/);
    const families = parseOpenMetrics(text);
    const north = 'modem="a",name="north \\"1\\""';
    const value = (name: string): number | undefined => families.get(name)?.samples.get(north);
    assert.equal(value('qfwd_signal_rsrp_dbm'), -101);
    assert.equal(value('qfwd_registered'), 1);
    assert.equal(value('qfwd_commands'), modem.counters.commands);
    const states = [...families.get('qfwd_modem_state')!.samples].filter(([, it]) => it === 1);
    assert.deepEqual(
      states.map(([labels]) => /qfwd_modem_state="(.*)"/.exec(labels)![1]),
      ['ready', 'error', 'unused'],
    );
    assert.equal(families.get('qfwd_commands')!.samples.size, 1);
  });

  it('name the state in which a PDP context is activated', () => {
    const text = openMetrics([{ id: 'a', name: '', state: 'activating' }]);
    assert.match(text, /^qfwd_modem_state\{.*qfwd_modem_state="activating"\} 1$/m);
  });

  it('are well-formed, whatever the names of modems and networks', () => {
    const text = fc.oneof(fc.string(), fc.constantFrom('"', '\\', '\n', '\\n', '"}', ''));
    const modem = fc.record({
      name: text,
      state: fc.constantFrom('ready', 'offline'),
      status: fc.record(
        {
          operator: text,
          model: text,
          waiting: fc.nat(),
          signal: fc.record({ sinr: fc.constantFrom(-20, 12.8) }),
        },
        { requiredKeys: [] },
      ),
    });
    fc.assert(
      fc.property(fc.array(modem), (modems) => {
        parseOpenMetrics(openMetrics(modems.map((it, at) => ({ id: String(at), ...it }))));
      }),
    );
  });
});
