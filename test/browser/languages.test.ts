import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import manifest from '../../package.json';
import { example } from '../system/support/flows';
import { startNodeRed } from '../system/support/node-red';
import { useScope } from '../system/support/scope';
import { cutTexts } from './support/appearance';
import { Editor } from './support/editor';

/** What `label` holds that is on no label. */
const BUTTONS = ['label.findPorts', 'label.diagnose', 'label.runCalibration', 'label.copyReport'];

/** Those with the longest texts. */
const DIALOGS = ['qfwd-modem', 'qfwd-server', 'qfwd-recv', 'qfwd-close'];

describe('the editor in a browser that speaks', () => {
  const suite = useScope('suite');
  const scope = useScope();
  let url: string;

  before(async () => {
    ({ url } = await startNodeRed(suite, ['echo', 'diagnosis'].flatMap(example)));
  });

  for (const locale of ['de', 'ja', 'zh-CN']) {
    it(`${locale} has all help in it, and dialogs that no text is cut in`, async () => {
      const editor = await Editor.show(scope, url, { locale });
      const { page } = editor;
      for (const type of Object.keys(manifest['node-red'].nodes))
        assert.equal(await editor.helpOf(type), introduction(type, locale), type);

      for (const type of DIALOGS) {
        await editor.edit(await editor.nodeOf(type));
        await page.evaluate(`$('.qfwd-form details').attr('open', '')`);
        const labels = await page.locator('.qfwd-form label').allTextContents();
        const wanted = Object.entries(textsOf(type, locale)).filter(([key]) => key.startsWith('label.'));
        for (const [key, text] of wanted)
          if (!BUTTONS.includes(key))
            assert.ok(
              labels.some((label) => label.trim() === text),
              `${type}: ${text}`,
            );
        if (type === 'qfwd-modem') {
          await page.locator('#qfwd-diagnose', { hasText: textsOf(type, locale)['label.diagnose']! }).click();
          await page.locator('#qfwd-findings').waitFor();
        }
        assert.deepEqual(await cutTexts(page, '.qfwd-form'), [], type);
        await editor.confirm(type === 'qfwd-modem' ? 'config' : 'node');
      }
      assert.deepEqual(editor.problems, []);
    });
  }
});

/** Texts of a node's own catalog by their keys, such as `label.port`. */
function textsOf(type: string, language: string): Record<string, string> {
  const catalog = JSON.parse(read(type, `${language}.json`)) as Record<string, Record<string, object>>;
  const groups = Object.entries(catalog[type]!);
  return Object.fromEntries(
    groups.flatMap(([group, texts]) =>
      Object.entries(texts).map(([key, text]) => [`${group}.${key}`, String(text)]),
    ),
  );
}

/** The first line of the help, without its markup. */
function introduction(type: string, language: string): string {
  const [line = ''] = read(type, `${language}.md`).split('\n');
  return line.replaceAll('`', '');
}

function read(type: string, file: string): string {
  return readFileSync(`${__dirname}/../../nodes/${type}/locales/${file}`, 'utf8');
}
