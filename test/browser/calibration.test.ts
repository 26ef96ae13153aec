import assert from 'node:assert/strict';
import { example } from '../system/support/flows';
import { startNodeRed } from '../system/support/node-red';
import { useScope } from '../system/support/scope';
import { cutTexts, faintTexts, isInSight } from './support/appearance';
import { Editor } from './support/editor';

/** WCAG 2.1, level AA. */
const LEAST_CONTRAST = 4.5;

describe('calibration in the editor', () => {
  const suite = useScope('suite');
  const scope = useScope();
  let url: string;

  before(async () => {
    ({ url } = await startNodeRed(suite, example('echo')));
  });

  it('shows what was measured of the simulator, and shows it again when the dialog is opened again', async () => {
    const editor = await Editor.show(scope, url);
    const { page } = editor;
    const modem = await editor.nodeOf('qfwd-modem');
    const fixed = page.locator('#qfwd-measured [data-item="fixed"]');
    const verdict = page.locator('#qfwd-calibration');

    await editor.edit(modem);
    assert.equal(await verdict.innerText(), '');
    await page.locator('#qfwd-calibrate').click();
    await fixed.waitFor();
    assert.match(await fixed.innerText(), /Raw, fixed length.*every byte arrives unchanged/s);
    assert.equal(await page.locator('#qfwd-measured .qfwd-skip').count(), 0);
    assert.match(await verdict.innerText(), /binary data is now sent raw/);
    const shown = await verdict.innerText();
    await editor.confirm('config');

    await editor.edit(modem);
    await fixed.waitFor({ state: 'attached' });
    const details = verdict.locator('details');
    assert.equal(await details.getAttribute('open'), null);
    assert.match(await verdict.locator('summary').innerText(), /measured with firmware EC25\S+: raw is safe/);
    await verdict.locator('summary').click();
    assert.equal(await verdict.innerText(), shown);

    await page.locator('#qfwd-diagnose').click();
    await page.locator('#qfwd-findings').waitFor();
    const order = await page
      .locator('.qfwd-diagnosis > section')
      .evaluateAll((them) => them.map(({ id }) => id));
    assert.deepEqual(order, ['qfwd-diagnosis', 'qfwd-calibration']);
    assert.ok(await isInSight(page, '#qfwd-diagnosis .qfwd-heading'));
    assert.deepEqual(editor.problems, []);
  });

  for (const locale of ['en-US', 'de', 'ja', 'zh-CN']) {
    it(`can be read in ${locale}, in light and in dark, also what was measured of another firmware`, async () => {
      const editor = await Editor.show(scope, url, { locale });
      const { page } = editor;
      const modem = await editor.nodeOf('qfwd-modem');
      const measured = (await (
        await page.request.post(`${url}/qfwd/modems/${modem.id}/calibration`)
      ).json()) as object;
      const answers: [object, RegExp][] = [
        [{ firmwareNow: 'EC25EFAR06A04M4G' }, /EC25EFAR06A03M4G.*EC25EFAR06A04M4G/],
        [{ binary: 'damaged' }, /XON\/XOFF/],
        [
          { obstacle: 'the module cannot be connected to itself' },
          /the module cannot be connected to itself/,
        ],
      ];
      for (const [change, says] of answers) {
        await page.route('**/calibration', (route) => route.fulfill({ json: { ...measured, ...change } }));
        await editor.edit(modem);
        await page.locator('#qfwd-calibration summary').click();
        await page.locator('#qfwd-measured').waitFor();
        assert.match(await page.locator('#qfwd-calibration .qfwd-note').innerText(), says);
        assert.deepEqual(await cutTexts(page, '.qfwd-form'), []);
        for (const colorScheme of ['light', 'dark'] as const) {
          await editor.useColors(colorScheme);
          assert.deepEqual(await faintTexts(page, '#qfwd-calibration', LEAST_CONTRAST), [], colorScheme);
        }
        await editor.confirm('config');
      }
      assert.deepEqual(editor.problems, []);
    });
  }
});
