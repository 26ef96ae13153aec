import assert from 'node:assert/strict';
import fc from 'fast-check';
import { redaction } from '../../../nodes/qfwd-modem/redaction';
import { masked } from '../../../src/at';
import { quoted } from '../../../src/modem/errors';

const SECRET = 'AT+XAUTH=1,"user","hunter2"';

describe('A secret start command', () => {
  const hide = redaction([SECRET, 'AT+XRESET', 'AT+XKEY=490154203237518,"key"']);

  const cases: [text: string, shown: string][] = [
    [SECRET, 'AT+XAUTH=…'],
    [`no answer to ${SECRET} in 5 s`, 'no answer to AT+XAUTH=… in 5 s'],
    [`${quoted(SECRET)} is refused`, '"AT+XAUTH=…" is refused'],
    // Numbers of SIM and module are masked before.
    [masked('AT+XKEY=490154203237518,"key"'), 'AT+XKEY=…'],
    ['AT+XRESET', 'AT+XRESET'],
    ['AT+XAUTH=2,"another"', 'AT+XAUTH=2,"another"'],
    ['OK', 'OK'],
  ];
  for (const [text, shown] of cases) {
    it(`is hidden in ${text}`, () => assert.equal(hide(text), shown));
  }

  it('is hidden wherever it stands, with whatever parameters', () => {
    const parameters = fc.string({ unit: 'grapheme-ascii', minLength: 4 }).filter((it) => it.trim() === it);
    fc.assert(
      fc.property(parameters, fc.string(), fc.string(), (secret, before, after) => {
        const line = `AT+X=${secret}`;
        const shown = redaction([line])(before + line + after);
        assert.equal(shown, `${before}AT+X=…${after}`);
      }),
    );
  });
});
