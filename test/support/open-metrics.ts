/** A strict parser of the OpenMetrics text format 1.0, for the types that are used here. */
import assert from 'node:assert/strict';

export interface ParsedFamily {
  readonly type: string;
  readonly unit?: string;
  readonly help?: string;
  /** By label set, as written. */
  readonly samples: ReadonlyMap<string, number>;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SUFFIXES: Readonly<Record<string, string>> = {
  counter: '_total',
  gauge: '',
  info: '_info',
  stateset: '',
};
const LABELS = /^(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"(?:,(?!$)|$))*$/;
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

interface Open {
  readonly name: string;
  type?: string;
  unit?: string;
  help?: string;
  readonly samples: Map<string, number>;
}

/** @throws {AssertionError} that names the line */
export function parseOpenMetrics(text: string): Map<string, ParsedFamily> {
  assert.ok(text.endsWith('# EOF\n'), 'it ends with # EOF and a line feed');
  const families = new Map<string, ParsedFamily>();
  let open: Open | undefined;
  const begin = (name: string): Open => {
    assert.match(name, NAME);
    if (open?.name === name) return open;
    assert.ok(!families.has(name), `the lines of ${name} are not together`);
    open = { name, samples: new Map() };
    families.set(name, open as ParsedFamily);
    return open;
  };
  for (const line of text.slice(0, -'# EOF\n'.length).split('\n').slice(0, -1)) {
    assert.notEqual(line, '', 'an empty line');
    const [, keyword, name = '', value = ''] = /^# (TYPE|UNIT|HELP) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === undefined) {
      takeSample(line, open);
      continue;
    }
    const family = begin(name);
    assert.equal(family.samples.size, 0, `metadata after samples: ${line}`);
    const key = keyword.toLowerCase() as 'type' | 'unit' | 'help';
    assert.equal(family[key], undefined, `twice: ${line}`);
    family[key] = value;
    if (key === 'type') assert.ok(value in SUFFIXES, line);
    if (key === 'unit') assert.ok(name.endsWith(`_${value}`), `the name ends with its unit: ${line}`);
  }
  return families;
}

function takeSample(line: string, family: Open | undefined): void {
  const [, name = '', labels = '', value = ''] = /^([^{ ]+)\{(.*)\} (\S+)$/.exec(line) ?? [];
  assert.ok(family?.type !== undefined, `no type before: ${line}`);
  assert.equal(name, family.name + SUFFIXES[family.type]!, line);
  assert.match(labels, LABELS, line);
  const names = [...labels.matchAll(/([a-zA-Z_]\w*)="(?:[^"\\]|\\.)*"/g)].map(([, label]) => label);
  assert.equal(new Set(names).size, names.length, `a label twice: ${line}`);
  assert.match(value, NUMBER, line);
  assert.ok(!family.samples.has(labels), `twice: ${line}`);
  const number = Number(value);
  if (family.type === 'counter') assert.ok(number >= 0, line);
  if (family.type === 'info') assert.equal(number, 1, line);
  if (family.type === 'stateset') {
    assert.ok(names.includes(family.name), `a state has a label of the name of its family: ${line}`);
    assert.ok(number === 0 || number === 1, line);
  }
  family.samples.set(labels, number);
}
