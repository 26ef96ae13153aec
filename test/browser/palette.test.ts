import assert from 'node:assert/strict';
import manifest from '../../package.json';
import { freePort } from '../support/free-port';
import { reach } from '../system/support/reach';
import { example } from '../system/support/flows';
import { useScope } from '../system/support/scope';
import { Editor } from './support/editor';

describe('in the editor', () => {
  const scope = useScope();

  it('the palette shows every node', async () => {
    const { page, problems } = await Editor.open(scope);
    const category = page.locator('.red-ui-palette-category', { hasText: 'Quectel' });
    const shown = await category
      .locator('.red-ui-palette-node')
      .evaluateAll((nodes) => nodes.map((node) => String(node.getAttribute('data-palette-type'))));
    const types = Object.keys(manifest['node-red'].nodes).filter((type) => type !== 'qfwd-modem');
    assert.deepEqual(shown.sort(), types.sort());
    assert.deepEqual((await category.locator('.red-ui-palette-label').allInnerTexts()).sort(), types);
    const heights = await category
      .locator('.red-ui-palette-node')
      .evaluateAll((nodes) => nodes.map((node) => node.clientHeight));
    assert.ok(Math.max(...heights) < 40, `names of one line: ${heights.join()}`);
    for (const word of ['tcp', 'udp', 'socket', 'modem', 'lte', 'serial', 'ec25', 'quectel']) {
      await page.locator('#red-ui-palette-search input').fill(word);
      await page.waitForFunction(
        `$('.red-ui-palette-node[data-palette-type^="qfwd-"]:visible').length === ${types.length}`,
      );
    }
    assert.deepEqual(problems, []);
  });

  it('a node that is dropped uses the only modem there is', async () => {
    const editor = await Editor.open(scope, example('echo'));
    await editor.drop('qfwd-urc');
    const { modem } = await editor.properties(await editor.nodeOf('qfwd-urc'));
    assert.equal(modem, (await editor.nodeOf('qfwd-modem')).id);
    assert.deepEqual(editor.problems, []);
  });

  it('two simulators without a name have different labels', async () => {
    const modems = ['aaaa', 'bbbb'].map((id) => ({
      id,
      type: 'qfwd-modem',
      name: '',
      transport: 'simulator',
    }));
    const { page } = await Editor.open(scope, modems);
    const labels = await page.evaluate<string[]>(
      `['aaaa', 'bbbb'].map((id) => RED.utils.getNodeLabel(RED.nodes.node(id), id))`,
    );
    assert.deepEqual(labels, ['Built-in simulator aaaa', 'Built-in simulator bbbb']);
  });

  it('a node can be dropped, given a new modem, and deployed', async () => {
    const port = await freePort();
    const editor = await Editor.open(scope);
    const { page } = editor;
    await editor.drop('qfwd-server');
    const server = (await editor.nodes()).find(({ type }) => type === 'qfwd-server')!;
    assert.deepEqual(server.validationErrors.length > 0, true, 'it wants a modem and a port');

    await editor.edit(server);
    await page.locator('#node-input-port').fill(String(port));
    await page.locator('#node-input-btn-modem-add').click();
    await page.locator('#node-config-input-transport').selectOption('simulator');
    await editor.confirm('config');
    await editor.confirm('node');
    for (const { type, validationErrors } of await editor.nodes())
      assert.deepEqual(validationErrors, [], type);

    await editor.deploy();
    (await reach(port)).socket.destroy();
    await editor.showsStatus('qfwd-server', `:${port} · `);
    assert.deepEqual(editor.problems, []);
  });
});
