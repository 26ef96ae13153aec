import assert from 'node:assert/strict';
import { example, exampleNames } from '../system/support/flows';
import { useScope } from '../system/support/scope';
import { Editor } from './support/editor';

/** The width of the workspace between the sidebars in a window of 1400 pixels. */
const ROOM = 870;

describe('the examples in the editor', () => {
  const scope = useScope();

  it('can all be imported through the menu, and every node is valid', async () => {
    const editor = await Editor.open(scope);
    let count = (await editor.nodes()).length;
    for (const name of exampleNames) {
      await editor.importExample(name);
      const nodes = await editor.nodes();
      // Tabs and groups are no nodes there.
      count += example(name).filter(({ type }) => type !== 'tab' && type !== 'group').length;
      assert.equal(nodes.length, count, name);
      for (const node of nodes)
        assert.deepEqual(node.validationErrors, [], `${name}: ${node.type} ${node.name}`);
      assert.deepEqual(await editor.nodesBeyond(ROOM), [], name);
    }
    assert.deepEqual(editor.problems, []);
  });
});
