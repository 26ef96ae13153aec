import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import helper from 'node-red-node-test-helper';
import { defer } from '../../support/cleanup';
import { Flow, node, simulatorModem } from '../support/flow';

describe('The memory file while a modem runs', () => {
  it('shows that it runs also after a deploy that keeps the modem, so that a kill is detected', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'qfwd-'));
    helper.settings({ userDir: folder });
    defer(() => {
      helper.settings({});
      rmSync(folder, { recursive: true });
    });
    const flow = new Flow();
    const nodes = [simulatorModem(), node('urc')];
    const kept = (): unknown =>
      (JSON.parse(readFileSync(path.join(folder, '.qfwd-memory.json'), 'utf8')) as Record<string, unknown>)[
        flow.modemId
      ];
    await flow.start(nodes);
    await flow.status('urc', 'ready');
    const running = kept();
    await flow.deploy(nodes, 'full');
    assert.deepEqual(kept(), running);
    await flow.stop();
    assert.notDeepEqual(kept(), running);
  });
});
