import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { portTrace } from '../../../nodes/qfwd-modem/trace-file';
import { inProcessTransport } from '../../../src/transport';
import { SimulatedModule } from '../../../src/simulator';
import { parseTrace } from '../../../src/trace';

describe('The trace file of a modem', () => {
  const module = new SimulatedModule({ echo: false });
  let userDir: string;

  beforeEach(() => (userDir = mkdtempSync(path.join(tmpdir(), 'qfwd-'))));
  afterEach(() => rmSync(userDir, { recursive: true }));
  after(() => module.powerOff());

  it('has the traffic of a port, and is in the user directory', async () => {
    const warnings: string[] = [];
    const onWarning = (text: string) => void warnings.push(text);
    const trace = portTrace({ file: 'a.jsonl', userDir, secrets: ['AT+CGMI'], onWarning });
    const transport = trace.around(
      inProcessTransport('a module', () => module.attach()),
      'usbat',
    );
    let said = '';
    const link = await transport.open({
      data: (chunk) => (said += chunk.toString()),
      closed: () => undefined,
    });
    for (const [command, answer] of [
      ['AT+CGMM\r', 'EC25\r\n\r\nOK'],
      ['AT+CGMI\r', 'Quectel\r\n\r\nOK'],
    ] as const) {
      link.write(Buffer.from(command));
      while (!said.includes(answer)) await new Promise(setImmediate);
    }
    await link.close();
    trace.close();
    const entries = parseTrace(readFileSync(path.join(userDir, 'a.jsonl'), 'utf8'));
    const all = (dir: string) =>
      entries
        .filter((entry) => entry.dir === dir)
        .map(({ data }) => data)
        .join('');
    assert.equal(all('out'), 'AT+CGMM\rAT+CGMI\r');
    assert.equal(all('in'), '\r\nEC25\r\n\r\nOK\r\n\r\nxxxxxxx\r\n\r\nOK\r\n');
    assert.deepEqual(warnings, []);
  });

  it('reports once that it cannot be written', () => {
    const warnings: string[] = [];
    const onWarning = (text: string) => void warnings.push(text);
    const trace = portTrace({ file: 'missing/a.jsonl', userDir, secrets: [], onWarning });
    trace.close();
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /the trace is not written any more: ENOENT/);
  });
});
