import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import manifest from '../../package.json';

const nodes = path.resolve(__dirname, '../../nodes');
const types = Object.keys(manifest['node-red'].nodes);
const original = 'en-US';

/** What the parts of the help are called, in their order. */
const SECTIONS: Readonly<Record<string, readonly string[]>> = {
  'en-US': ['Inputs', 'Outputs', 'Details', 'References'],
  de: ['Eingangsdaten', 'Ausgangsdaten', 'Details', 'Referenzen'],
  ja: ['入力', '出力', '詳細', '参考'],
  'zh-CN': ['输入', '输出', '详细', '参考'],
};
const translations = Object.keys(SECTIONS).filter((language) => language !== original);

describe('The languages', () => {
  it('are the same for each node', () => {
    const catalogs = Object.keys(SECTIONS).map((language) => `${language}.json`);
    const helps = Object.keys(SECTIONS).map((language) => `${language}.md`);
    assert.deepEqual(readdirSync(path.join(nodes, 'editor', 'locales')).sort(), catalogs.sort());
    for (const type of types) {
      const files = readdirSync(path.join(nodes, type, 'locales')).sort();
      assert.deepEqual(files, [...catalogs, ...helps].sort(), type);
    }
  });

  for (const language of translations) {
    it(`${language} has the texts of ${original}, with the same placeholders`, () => {
      for (const folder of ['editor', ...types]) {
        const [theirs, ours] = [textsOf(folder, original), textsOf(folder, language)];
        assert.deepEqual([...ours.keys()].sort(), [...theirs.keys()].sort(), folder);
        for (const [key, text] of ours) {
          assert.notEqual(text.trim(), '', `${folder}: ${key}`);
          assert.deepEqual(placeholders(text), placeholders(theirs.get(key)!), `${folder}: ${key}`);
        }
      }
    });

    it(`${language} has short status texts`, () => {
      for (const folder of ['editor', ...types]) {
        for (const [key, text] of textsOf(folder, language))
          if (/(^|\.)status\./.test(key)) assert.ok(text.length < 20, `${folder}: ${key}`);
      }
    });

    it(`${language} has the same topics in the help of each node as ${original}`, () => {
      for (const type of types) {
        const [theirs, ours] = [helpOf(type, original), helpOf(type, language)];
        assert.deepEqual(sections(ours, language), sections(theirs, original), type);
        assert.deepEqual(properties(ours), properties(theirs), type);
        assert.deepEqual(code(ours), code(theirs), type);
      }
    });

    it(`${language} uses the same names in the help and in the form`, () => {
      for (const type of types) {
        const names = namesInForm(type, language);
        const help = prose(helpOf(type, language)).toLowerCase();
        for (const name of emphasized(prose(helpOf(type, original)))) {
          const wanted = names.get(name.toLowerCase());
          if (wanted)
            assert.ok(
              wanted.some((text) => help.includes(text)),
              `${type}: ${name} = ${wanted.join(', ')}`,
            );
        }
      }
    });
  }

  it('have help in the order of the style guide, with a short introduction that the editor can display', () => {
    for (const language of Object.keys(SECTIONS)) {
      for (const type of types) {
        const help = helpOf(type, language);
        const found = sections(help, language);
        assert.deepEqual(found, [...found].sort(), `${type} ${language}`);
        assert.ok(found.includes(2) && found.includes(3), `${type} ${language}`);
        const [introduction = ''] = help.split('\n\n');
        assert.ok(introduction.split('\n').length <= 3, `${type} ${language}`);
        // A second colon ends the editor's description list.
        for (const line of help.split('\n').filter((text) => text.startsWith(': ')))
          assert.match(line, /^: [^:]+ \([^:]+\) : [^:]+$/, `${type} ${language}`);
      }
    }
  });
});

interface Catalog {
  readonly [key: string]: string | Catalog;
}

/** The texts in a folder's own catalog by their keys, such as `label.port`. */
function textsOf(folder: string, language: string): Map<string, string> {
  const catalog = JSON.parse(read(folder, `${language}.json`)) as Catalog;
  return new Map(flattened(folder === 'editor' ? catalog : (catalog[folder] as Catalog)));
}

function flattened(catalog: Catalog, prefix = ''): [key: string, text: string][] {
  return Object.entries(catalog).flatMap(([key, value]) =>
    typeof value === 'string' ? [[prefix + key, value]] : flattened(value, `${prefix}${key}.`),
  );
}

function placeholders(text: string): string[] {
  return (text.match(/__\w+?__/g) ?? []).sort();
}

function helpOf(type: string, language: string): string {
  return read(type, `${language}.md`);
}

function read(folder: string, file: string): string {
  return readFileSync(path.join(nodes, folder, 'locales', file), 'utf8');
}

/** The headings, as positions in {@link SECTIONS}. */
function sections(help: string, language: string): number[] {
  return [...help.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => {
    const position = SECTIONS[language]!.indexOf(heading);
    assert.notEqual(position, -1, `${heading} is no section in ${language}`);
    return position;
  });
}

/** The names in the description lists; their types are words of the language. */
function properties(help: string): string[] {
  return [...help.matchAll(/^: (.+?) \(/gm)].map(([, name = '']) => name);
}

/** What is quoted as code, each once. */
function code(help: string): string[] {
  return [...new Set(help.match(/`[^`]+`/g))].sort();
}

/** The help without the names of message properties, on one line. */
function prose(help: string): string {
  return help.replace(/^: .+?\) : /gm, '').replace(/\s+/g, ' ');
}

function emphasized(text: string): string[] {
  return [...text.matchAll(/\b_([^_]+)_\b|\*\*([^*]+)\*\*/g)].map(([, name, bold]) => name ?? bold ?? '');
}

/** Texts of the form in {@link original}, and what the language has for them; all in lower case. */
function namesInForm(type: string, language: string): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const folder of ['editor', type, 'qfwd-modem', 'qfwd-send']) {
    const translated = textsOf(folder, language);
    for (const [key, text] of textsOf(folder, original)) {
      const known = names.get(text.toLowerCase()) ?? [];
      names.set(text.toLowerCase(), [...known, translated.get(key)!.toLowerCase()]);
    }
  }
  return names;
}
