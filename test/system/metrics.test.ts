import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { freePort } from '../support/free-port';
import { rawEcho } from './support/flows';
import { startNodeRed } from './support/node-red';
import { root } from './support/program';
import { reach } from './support/reach';
import { tempDir, useScope } from './support/scope';

/** The reference parser of OpenMetrics; prints names and values of all samples. */
const PARSER = `
import sys, json
from prometheus_client.openmetrics.parser import text_string_to_metric_families
text = sys.stdin.buffer.read().decode()
print(json.dumps([[s.name, s.labels, s.value] for f in text_string_to_metric_families(text) for s in f.samples]))
`;

type Sample = [name: string, labels: Record<string, string>, value: number];

/** With all that is escaped. */
const NAME = 'north "1" \\ \n 北';

/** That of the system, which has the package of Debian. */
const PYTHON = '/usr/bin/python3';

describe('the metrics of Node-RED', () => {
  const scope = useScope();

  /** The settings of these tests with others. @returns the path of the file */
  async function settingsWith(others: object): Promise<string> {
    const file = path.join(await tempDir(scope), 'settings.cjs');
    const common = JSON.stringify(path.join(root, 'scripts/node-red-settings.cjs'));
    await writeFile(file, `module.exports = { ...require(${common}), ...${JSON.stringify(others)} };`);
    return file;
  }

  it('are given to a token with the permission to read, as docs/monitoring.md has it', async () => {
    const users = [{ username: 'prometheus', password: '', permissions: 'qfwd.read' }];
    const tokens = [
      { token: 'good', user: 'prometheus', scope: ['qfwd.read'] },
      { token: 'bad', user: 'prometheus', scope: ['flows.read'] },
    ];
    const settings = await settingsWith({
      qfwdModemMetrics: true,
      adminAuth: { type: 'credentials', users, tokens },
    });
    const { url } = await startNodeRed(scope, [], { settings });
    const statusWith = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${url}/qfwd/metrics`, { headers })).status;
    assert.equal(await statusWith({}), 401);
    assert.equal(await statusWith({ Authorization: 'Bearer bad' }), 401);
    assert.equal(await statusWith({ Authorization: 'Bearer good' }), 200);
  });

  it('are read by the parser of the Prometheus client library', async () => {
    const settings = await settingsWith({ qfwdModemMetrics: true });
    const port = await freePort();
    const { url } = await startNodeRed(scope, rawEcho(port, { name: NAME }), { settings });
    const peer = await reach(port);
    peer.socket.write('hello');
    await peer.until(5);
    const response = await fetch(`${url}/qfwd/metrics`);
    assert.match(
      response.headers.get('content-type') ?? '',
      /^application\/openmetrics-text; version=1\.0\.0/,
    );
    const read = execFileSync(PYTHON, ['-c', PARSER], { input: await response.text(), encoding: 'utf8' });
    const samples = JSON.parse(read) as Sample[];
    const of = (wanted: string): Sample[] => samples.filter(([name]) => name === wanted);
    assert.deepEqual(
      of('qfwd_modem_state')
        .filter(([, , value]) => value === 1)
        .map(([, labels]) => labels.qfwd_modem_state),
      ['ready'],
    );
    assert.equal(of('qfwd_modem_info')[0]?.[1].model, 'EC25');
    assert.equal(of('qfwd_modem_info')[0]?.[1].name, NAME);
    for (const name of ['qfwd_payload_received_bytes_total', 'qfwd_payload_sent_bytes_total'])
      assert.ok((of(name)[0]?.[2] ?? 0) >= 5, name);
    assert.equal(of('qfwd_connections')[0]?.[2], 1);
  });
});
