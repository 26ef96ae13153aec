import assert from 'node:assert/strict';
import manifest from '../../package.json';
import { example, exampleNames } from '../system/support/flows';
import { useScope } from '../system/support/scope';
import { namelessControls } from './support/appearance';
import { Editor } from './support/editor';

describe('the dialogs in the editor', () => {
  const scope = useScope();

  it('show the defaults of properties that a flow from an earlier version lacks', async () => {
    const [modem] = example('echo').filter(({ type }) => type === 'qfwd-modem');
    const { id, type, name, transport } = modem!;
    const editor = await Editor.open(scope, [{ id, type, name, transport }]);
    assert.deepEqual((await editor.nodeOf(type)).validationErrors, []);
    await editor.edit(await editor.nodeOf(type));
    const shown = await editor.page.evaluate<Record<string, string>>(
      `Object.fromEntries(['commands', 'apnAuth', 'openTimeout', 'pdpCid'].map((it) => [it, $('#node-config-input-' + it).val()]))`,
    );
    assert.deepEqual(shown, { commands: 'auto', apnAuth: 'none', openTimeout: '150000', pdpCid: '0' });
    assert.deepEqual(editor.problems, []);
  });

  it('open without an error, and change nothing when Done is pressed', async () => {
    const editor = await Editor.open(scope, exampleNames.flatMap(example));
    const nodes = await editor.nodes();
    for (const type of Object.keys(manifest['node-red'].nodes)) {
      const node = nodes.find((candidate) => candidate.type === type)!;
      const before = await editor.properties(node);
      await editor.edit(node);
      await editor.page.evaluate(`$('.qfwd-form details').attr('open', '')`);
      assert.deepEqual(await namelessControls(editor.page, '.qfwd-form'), [], type);
      await editor.confirm(type === 'qfwd-modem' ? 'config' : 'node');
      assert.deepEqual(await editor.properties(node), before);
    }
    assert.deepEqual(editor.problems, []);
  });
});
