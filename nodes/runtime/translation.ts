/**
 * Translates what the runtime says: errors, reasons and log lines. They are written in English where they arise, in parts that
 * know neither Node-RED nor languages, and are translated where they leave for Node-RED or the editor. As with gettext, the
 * English text is the key of a translation; `{0}`, `{1}`… stand for what is filled in, which is translated in turn.
 */
import de from './locales/de.json';
import ja from './locales/ja.json';
import zhCN from './locales/zh-CN.json';

/** By English text. */
type Catalog = Readonly<Record<string, string>>;

interface Rule {
  readonly pattern: RegExp;
  /** Numbers of the placeholders in the order of the groups of `pattern`. */
  readonly order: readonly number[];
  readonly translation: string;
}

const CATALOGS: Readonly<Record<string, Catalog>> = { de, ja, 'zh-CN': zhCN };

/** The languages there are, the original first. */
export const LANGUAGES = ['en-US', ...Object.keys(CATALOGS)] as const;

const PLACEHOLDER = /\{(\d)\}/g;

const rules = new Map<string, readonly Rule[]>();

/** The text in a language; in English if there is no translation. What is quoted from others stays as it is. */
export function translate(text: string, language: string): string {
  const catalog = CATALOGS[language];
  if (!catalog || text === '') return text;
  const literal = Object.hasOwn(catalog, text) ? catalog[text] : undefined;
  if (literal !== undefined) return literal;
  for (const { pattern, order, translation } of rulesOf(language, catalog)) {
    const values = pattern.exec(text)?.slice(1);
    if (values) return filled(translation, order, values, language);
  }
  return text;
}

function filled(
  translation: string,
  order: readonly number[],
  values: readonly string[],
  language: string,
): string {
  return translation.replace(PLACEHOLDER, (_, number: string) =>
    translate(values[order.indexOf(Number(number))] ?? '', language),
  );
}

/** Those that say the most come first: a shorter one may fit the same text by chance. */
function rulesOf(language: string, catalog: Catalog): readonly Rule[] {
  const known = rules.get(language);
  if (known) return known;
  const made = Object.entries(catalog)
    .filter(([english]) => english.search(PLACEHOLDER) >= 0)
    .sort(([one], [other]) => wordsIn(other) - wordsIn(one))
    .map(([english, translation]) => ruleOf(english, translation));
  rules.set(language, made);
  return made;
}

function ruleOf(english: string, translation: string): Rule {
  const order = [...english.matchAll(PLACEHOLDER)].map(([, number]) => Number(number));
  const source = english
    .split(/\{\d\}/)
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
    .join('(.*?)')
    // Of two side by side, the first is one word, such as a number.
    .replaceAll('(.*?)(.*?)', '(\\S*)(.*?)');
  return { pattern: new RegExp(`^${source}$`, 's'), order, translation };
}

function wordsIn(english: string): number {
  return english.replace(PLACEHOLDER, '').length;
}
