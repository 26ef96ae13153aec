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

/** That of the system, which has the package of Debian. */
const PYTHON = '/usr/bin/python3';

describe('the metrics of Node-RED', () => {
  const scope = useScope();

  it('are read by the parser of the Prometheus client library', async () => {
    const settings = path.join(await tempDir(scope), 'settings.cjs');
    const common = path.join(root, 'scripts/node-red-settings.cjs');
    await writeFile(
      settings,
      `module.exports = { ...require(${JSON.stringify(common)}), qfwdModemMetrics: true };`,
    );
    const port = await freePort();
    const { url } = await startNodeRed(scope, rawEcho(port, {}), { settings });
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
    for (const name of ['qfwd_payload_received_bytes_total', 'qfwd_payload_sent_bytes_total'])
      assert.ok((of(name)[0]?.[2] ?? 0) >= 5, name);
    assert.equal(of('qfwd_connections')[0]?.[2], 1);
  });
});
