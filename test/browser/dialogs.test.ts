import assert from 'node:assert/strict';
import manifest from '../../package.json';
import { example, exampleNames } from '../system/support/flows';
import { useScope } from '../system/support/scope';
import { Editor } from './support/editor';

describe('the dialogs in the editor', () => {
  const scope = useScope();

  it('open without an error, and change nothing when Done is pressed', async () => {
    const editor = await Editor.open(scope, exampleNames.flatMap(example));
    const nodes = await editor.nodes();
    for (const type of Object.keys(manifest['node-red'].nodes)) {
      const node = nodes.find((candidate) => candidate.type === type)!;
      const before = await editor.properties(node);
      await editor.edit(node);
      await editor.confirm(type === 'qfwd-modem' ? 'config' : 'node');
      assert.deepEqual(await editor.properties(node), before);
    }
    assert.deepEqual(editor.problems, []);
  });
});
