import assert from 'node:assert/strict';
import manifest from '../../package.json';
import { example, exampleNames, type FlowNode } from '../system/support/flows';
import { startNodeRed } from '../system/support/node-red';
import { useScope } from '../system/support/scope';
import { violations } from './support/axe';
import { Editor } from './support/editor';

const COLORS = ['light', 'dark'] as const;

/** Modems that work, wait for a socket, are offline, and are not in use. */
const FLEET: FlowNode[] = [
  { id: 'fleet', type: 'tab', label: 'Fleet' },
  modem('ready', { transport: 'simulator' }),
  modem('waiting', { transport: 'simulator', simulator: { pin: '1234' } }),
  modem('offline', { transport: 'serial', path: '/dev/ttyNONE' }),
  modem('unused', { transport: 'serial', path: '/dev/ttyNONE' }),
  ...['ready', 'offline'].map((name) => user(name, 'qfwd-urc', { events: [] })),
  user('waiting', 'qfwd-client', { host: 'no.invalid', port: 9, protocol: 'tcp', ipVersion: 'IP' }),
];

function modem(name: string, settings: object): FlowNode {
  return { id: `modem-${name}`, type: 'qfwd-modem', name, ...settings };
}

function user(name: string, type: string, settings: object): FlowNode {
  return {
    id: `user-${name}`,
    type,
    z: 'fleet',
    modem: `modem-${name}`,
    x: 100,
    y: 100,
    wires: [[]],
    ...settings,
  };
}

describe('axe finds nothing wrong with', () => {
  const suite = useScope('suite');
  const scope = useScope();
  let url: string;

  before(async () => {
    ({ url } = await startNodeRed(suite, [...exampleNames.flatMap(example), ...FLEET]));
  });

  it('all texts, but would if they were faint', async () => {
    const editor = await Editor.show(scope, url);
    const { page } = editor;
    await editor.useColors('light');
    await editor.showModems();
    await editor.edit(await editor.nodeOf('qfwd-modem'));
    await page.evaluate(`$('.qfwd-form label, #qfwd-sidebar .qfwd-name').css('color', '#ddd')`);
    for (const place of ['.qfwd-form', '#qfwd-sidebar'])
      assert.match((await violations(page, place)).join('\n'), /^color-contrast: /m, place);
  });

  for (const colors of COLORS) {
    it(`the dialogs, in ${colors}`, async () => {
      const editor = await Editor.show(scope, url);
      await editor.useColors(colors);
      for (const type of Object.keys(manifest['node-red'].nodes)) {
        await editor.edit(await editor.nodeOf(type));
        await editor.page.evaluate(`$('.qfwd-form details').attr('open', '')`);
        assert.deepEqual(await violations(editor.page, '.qfwd-form'), [], type);
        await editor.confirm(type === 'qfwd-modem' ? 'config' : 'node');
      }
    });

    it(`the ports that were found, and the results of Diagnose and Calibrate, in ${colors}`, async () => {
      const editor = await Editor.show(scope, url);
      const { page } = editor;
      await editor.useColors(colors);
      await editor.edit({ id: 'modem-waiting', type: 'qfwd-modem' });
      await page.locator('#qfwd-diagnose').click();
      await page.locator('#qfwd-findings .qfwd-warn').first().waitFor();
      await page.locator('#qfwd-calibrate').click();
      await page.locator('#qfwd-measured').waitFor();
      await page.locator('#node-config-input-transport').selectOption('serial');
      await page.locator('#qfwd-path-find').click();
      await page.locator('#qfwd-path-ports p, #qfwd-path-ports li').first().waitFor();
      assert.deepEqual(await violations(page, '.qfwd-form'), []);
    });

    it(`the sidebar, in ${colors}`, async () => {
      const editor = await Editor.show(scope, url);
      const { page } = editor;
      await editor.useColors(colors);
      await editor.showModems();
      for (const id of ['modem-ready', 'modem-waiting', 'modem-offline'])
        await page.locator(`section[data-modem="${id}"] .qfwd-fold`).click();
      await page.locator('section[data-modem="modem-ready"] [data-fact="sim"]').waitFor();
      await page.locator('section[data-modem="modem-waiting"] .qfwd-trouble:visible').first().waitFor();
      await page.evaluate(`$('#qfwd-sidebar details').attr('open', '')`);
      assert.deepEqual(await violations(page, '#qfwd-sidebar'), []);
    });
  }
});
