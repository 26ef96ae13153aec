import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { LANGUAGES, translate } from '../../../nodes/runtime/translation';
import { spokenTexts } from '../../support/spoken-texts';

const [original, ...translations] = LANGUAGES;

describe('Messages of the runtime', () => {
  const spoken = spokenTexts();

  for (const language of translations) {
    const catalog = catalogOf(language);

    it(`are all translated to ${language}`, () => {
      const known = Object.keys(catalog).map(unnumbered);
      const missing = spoken
        .map(unnumbered)
        .filter((text) => isProse(text) && !known.some((other) => other.includes(text)));
      assert.deepEqual(missing, []);
    });

    it(`have no unused translations in ${language}`, () => {
      const said = spoken.map(unnumbered).join('\n');
      const unsaid = Object.keys(catalog).filter((text) =>
        text.split(/\{\d\}/).some((part) => !said.includes(part.trim()) && !isJoined(text)),
      );
      assert.deepEqual(unsaid, []);
    });

    it(`have all their values filled in in ${language}`, () => {
      for (const [english, translation] of Object.entries(catalog)) {
        assert.deepEqual(placeholders(translation), placeholders(english), english);
        assert.notEqual(translation.trim(), '', english);
      }
    });

    it(`are found in ${language} whatever their values are`, () => {
      const texts = fc.constantFrom(...Object.keys(catalog));
      const value = fc.integer({ min: 1, max: 99_999 });
      fc.assert(
        fc.property(texts, fc.array(value, { minLength: 3, maxLength: 3 }), (english, values) => {
          const fill = (text: string): string =>
            text.replace(/\{(\d)\}/g, (_, number: string) => String(values[Number(number)]));
          assert.equal(translate(fill(english), language), fill(catalog[english]!));
        }),
      );
    });
  }

  it('are translated part by part', () => {
    const refused = 'connection refused: does the host listen on this port? (the module gave result 111)';
    assert.equal(
      translate(`it is not open and is tried again: ${refused}`, 'de'),
      'nicht geöffnet, wird erneut versucht: Verbindung abgelehnt: Lauscht der Host an diesem Port? (das Modul gab Ergebnis 111)',
    );
    assert.equal(
      translate('closed: the connection of socket 12 has ended (peer 10.0.0.1, port 80)', 'de'),
      'geschlossen: Die Verbindung von Socket 12 ist beendet (Gegenstelle 10.0.0.1, Port 80)',
    );
    assert.equal(
      translate('Port (port) must be a whole number from 1 to 65535, but it is "a\nb"', 'zh-CN'),
      'Port (port) 必须是 1 到 65535 的整数，但现在是 "a\nb"',
    );
    assert.equal(
      translate(
        'another modem has socket 12 (peer ::1, port 80): choose that modem in this node, or set msg.socketId',
        'de',
      ),
      'Socket 12 (Gegenstelle ::1, Port 80) gehört zu einem anderen Modem: Wählen Sie in diesem Node jenes Modem, oder setzen Sie msg.socketId',
    );
  });

  it('stay in English for an unknown language, and where they quote others', () => {
    for (const language of [original, 'fr', 'constructor'])
      assert.equal(translate('the SIM is locked', language), 'the SIM is locked');
    for (const text of ['', '+QIURC: "closed",0', 'EC25EFAR06A03M4G', 'constructor', '{0}'])
      assert.equal(translate(text, 'de'), text);
  });

  it('are translated quickly, however long and unusual they are', () => {
    fc.assert(
      fc.property(fc.constantFrom(...spoken), fc.string(), fc.nat(200), (text, filling, times) => {
        const long = text.replace(/\{\d\}/g, `${filling}: `.repeat(times));
        for (const language of translations)
          assert.equal(typeof translate(long.slice(0, 1000), language), 'string');
      }),
      { numRuns: 200 },
    );
  });
});

function catalogOf(language: string): Readonly<Record<string, string>> {
  const file = `${__dirname}/../../../nodes/runtime/locales/${language}.json`;
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
}

function unnumbered(text: string): string {
  return text.replace(/\{\d\}/g, '{}');
}

function placeholders(text: string): string[] {
  return (text.match(/\{\d\}/g) ?? []).sort();
}

/** Whether a text is for people: two words or more. What is made only of other texts says nothing itself. */
function isProse(text: string): boolean {
  const words = text.split(/\s+/).filter((word) => /^\W*[a-z]{2,}\W*$/.test(word));
  return words.length > 1 && !NOT_SAID.includes(text);
}

/** Whether a text of the catalog is put together in the sources, from several. */
function isJoined(text: string): boolean {
  return JOINED.some((part) => text.includes(part));
}

/** What joins two texts, and names for the program. */
const NOT_SAID = [
  'the answer to {} {}',
  'the answer to {} had not ended',
  'forward to {}',
  'calibrating client',
  'calibrating server',
  'incoming full',
];
const JOINED = ['the answer to {0}', 'was not answered within', 'AT+QFWDSEVER or AT+QIOPEN', 'OK · garbled'];
