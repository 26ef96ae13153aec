/** Violations of the rules of axe-core, which check what screen readers need, and the contrast of texts. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

const SOURCE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Elements that Node-RED itself makes inside of ours. */
const OF_NODE_RED = ['.red-ui-typedInput-container', '.red-ui-editableList-container'];

/** The page of the editor has no height, and hides what is beyond: to axe, no text in it can be seen. */
const SHOW_TEXTS = "$('html, body').css('overflow', 'visible')";

/** High enough for each dialog: axe leaves out what must be scrolled to. */
const VIEWPORT = { width: 1400, height: 3000 };

/** What is wrong with elements below `selector`, as `<rule>: <markup>`. */
export async function violations(page: Page, selector: string): Promise<string[]> {
  await page.setViewportSize(VIEWPORT);
  await page.evaluate(SHOW_TEXTS);
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(SOURCE);
  const scope = JSON.stringify({ include: [selector], exclude: OF_NODE_RED });
  const found = await page.evaluate<Violation[]>(
    `axe.run(${scope}, { resultTypes: ['violations'] }).then((results) => results.violations)`,
  );
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}
