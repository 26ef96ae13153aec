import assert from 'node:assert/strict';
import {
  asInForm,
  flag,
  integer,
  invalid,
  oneOf,
  optionalInteger,
  optionalOneOf,
  requiredText,
  text,
} from '../../../nodes/runtime/settings';

describe('Settings', () => {
  const unset = '${QFWD_TEST_UNSET}';

  const valid: [what: string, value: unknown, expected: unknown][] = [
    ['an integer', integer({ n: 5 }, 'n', 0, 9), 5],
    ['an integer as text', integer({ n: ' 9 ' }, 'n', 0, 9), 9],
    ['zero', integer({ n: 0 }, 'n', 0, 9), 0],
    ['no integer', optionalInteger({}, 'n', 0, 9), undefined],
    ['an empty integer', optionalInteger({ n: '' }, 'n', 0, 9), undefined],
    ['null for an integer', optionalInteger({ n: null }, 'n', 0, 9), undefined],
    ['an optional zero', optionalInteger({ n: '0' }, 'n', 0, 9), 0],
    ['text', text({ t: 'a' }, 't'), 'a'],
    ['no text', text({}, 't'), ''],
    ['text with a dollar', text({ t: 'a${b}' }, 't'), 'a${b}'],
    ['required text', requiredText({ t: ' a' }, 't'), ' a'],
    ['an option', oneOf({ o: 'b' }, 'o', ['a', 'b']), 'b'],
    ['no option', optionalOneOf({ o: '' }, 'o', ['a', 'b']), undefined],
    ['a flag', flag({ f: true }, 'f'), true],
    ['a flag as text', flag({ f: 'true' }, 'f'), true],
    ['a flag as text, off', flag({ f: 'false' }, 'f'), false],
    ['no flag', flag({}, 'f'), false],
  ];
  for (const [what, value, expected] of valid) {
    it(`accept ${what}`, () => assert.equal(value, expected));
  }

  const wrong: [read: () => unknown, says: RegExp][] = [
    [() => integer({}, 'port', 1, 9), /^port is missing$/],
    [() => integer({ port: '' }, 'port', 1, 9), /^port is missing$/],
    [() => integer({ port: 10 }, 'port', 1, 9), /^port must be a whole number from 1 to 9, but it is 10$/],
    [() => integer({ port: '1.5' }, 'port', 1, 9), /but it is "1.5"$/],
    [() => integer({ port: '5\r' + 'ATD' }, 'port', 1, 9), /whole number/],
    [() => integer({ port: ' ' }, 'port', 0, 9), /whole number/],
    [() => integer({ port: true }, 'port', 0, 9), /whole number/],
    [() => integer({ port: NaN }, 'port', 0, 9), /whole number/],
    [
      () => integer({ port: unset }, 'port', 0, 9),
      /the environment variable \$\{QFWD_TEST_UNSET\} is not set$/,
    ],
    [() => optionalInteger({ port: unset }, 'port', 0, 9), /is not set$/],
    [() => text({ host: 5 }, 'host'), /^host must be text, but it is 5$/],
    [() => text({ host: unset }, 'host'), /is not set$/],
    [() => requiredText({ host: ' ' }, 'host'), /^host must be not empty/],
    [() => oneOf({ mode: 'c' }, 'mode', ['a', 'b']), /^mode must be a or b, but it is "c"$/],
    [() => oneOf({}, 'mode', ['a', 'b']), /^mode is missing$/],
    [() => oneOf({ mode: 'toString' }, 'mode', ['a', 'b']), /^mode must be a or b/],
    [() => optionalOneOf({ mode: unset }, 'mode', ['a', 'b']), /is not set$/],
    [() => flag({ open: 'yes' }, 'open'), /^open must be true or false, but it is "yes"$/],
    [() => flag({ open: unset }, 'open'), /is not set$/],
  ];
  for (const [read, says] of wrong) {
    it(`cause the error ${says.source}`, () => assert.throws(read, { code: 'QFWD_INVALID', message: says }));
  }

  it('have the name in an error that they have in the form', () => {
    const labels = new Map([['port', 'Listen on port']]);
    const complaint = (name: string) =>
      asInForm(invalid(name, 0, 'a whole number'), (property) => labels.get(property));
    assert.equal(complaint('port').message, 'Listen on port (port) must be a whole number, but it is 0');
    assert.equal(complaint('port').code, 'QFWD_INVALID');
    assert.equal(complaint('zone').message, 'zone must be a whole number, but it is 0');
  });
});
