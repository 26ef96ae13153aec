import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { OPTIONS } from '../src/simulator';

const root = path.resolve(__dirname, '..');
/** What `scripts/readme-links.mjs` adds to the links of the README. */
const OWN_ADDRESS = /https:[^\s)]+\/(?:raw|blob)\/HEAD\//g;
const pages = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  ...readdirSync(path.join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

describe('The documentation', () => {
  it('lists every option of the simulator as it is', () => {
    const wanted = Object.entries(OPTIONS).map(([name, option]) => [
      `\`${name}\``,
      inCode(String(option.default)) || '–',
      escaped(option.allowed),
      escaped(option.doc),
    ]);
    assert.deepEqual(rows(read('docs/simulator.md')), wanted);
  });

  it('lists every example', () => {
    const list = read('docs/examples.md');
    const names = readdirSync(path.join(root, 'examples')).map((file) => path.basename(file, '.json'));
    assert.deepEqual(
      names.filter((name) => !list.includes(`| \`${name}\` `)),
      [],
    );
  });

  it('links to existing files, and uses every picture', () => {
    const links = pages.flatMap((page) =>
      [
        ...read(page)
          .replace(OWN_ADDRESS, '')
          .matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g),
      ].map(([, target = '']) => path.join(path.dirname(page), target)),
    );
    assert.deepEqual(
      links.filter((file) => !existsSync(path.join(root, file))),
      [],
    );
    for (const image of readdirSync(path.join(root, 'docs/images')))
      assert.ok(links.includes(path.join('docs/images', image)), image);
  });

  it('has a README that is short enough to be read', () => {
    const words = read('README.md').trim().split(/\s+/);
    assert.ok(words.length <= 1200, `${words.length} words`);
  });
});

function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

/** The cells of a page's only table, without its head. */
function rows(page: string): string[][] {
  const lines = page.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

/** As code in a table, control characters as escapes; empty when there is nothing. */
function inCode(text: string): string {
  return text === '' ? '' : `\`${text.replaceAll('\r', '\\r').replaceAll('\n', '\\n')}\``;
}

function escaped(text: string): string {
  return text.replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
