import assert from 'node:assert/strict';
import { example } from '../system/support/flows';
import { useScope } from '../system/support/scope';
import { Editor } from './support/editor';

describe('the Calibrate button', () => {
  const scope = useScope();

  it('shows what was measured of the simulator', async () => {
    const editor = await Editor.open(scope, example('echo'));
    const modem = (await editor.nodes()).find(({ type }) => type === 'qfwd-modem')!;
    await editor.edit(modem);
    await editor.page.locator('#qfwd-calibrate').click();
    const fixed = editor.page.locator('#qfwd-measured [data-item="fixed"]');
    await fixed.waitFor();
    assert.match(await fixed.innerText(), /Raw, fixed length.*every byte arrives/s);
    assert.equal(await editor.page.locator('#qfwd-measured .qfwd-skip').count(), 0);
    assert.match(await editor.page.locator('#qfwd-calibration').innerText(), /goes raw from now on/);
    assert.deepEqual(editor.problems, []);
  });
});
