import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import vm from 'node:vm';
import { newCounters } from '../../src/modem/link/counters';
import { REMEDIES, STEPS } from '../../src/modem/diagnosis/finding';
import { FACTS } from '../../src/qfwd/facts';

type Texts = Record<string, unknown>;
type Validate = (this: object, value: unknown, options: { label?: string }) => true | string;

interface Property {
  value: unknown;
  label?: string;
  validate?: Validate;
}

interface Definition {
  category: string;
  color?: string;
  paletteLabel?: string;
  label?: (this: object) => string;
  defaults: Record<string, Property>;
  credentials?: Record<string, Property>;
}

/** One node type as the editor gets it. */
interface Page {
  type: string;
  html: string;
  script: string;
  form: string;
  help: string;
  catalog: Texts;
  definition: Definition;
}

/** Properties that code moves between the node and a differently named field. */
const codedFields: Record<string, string> = {
  source: 'sourceNode',
  simulator: 'simulatorOptions',
  events: 'eventList',
};

/** What facts are said by, but for the name of a command. */
function calibrationWords(): string[] {
  return Object.entries(FACTS).flatMap(([fact, words]) =>
    words === 'number' || fact === 'readHeader' ? [] : [...words],
  );
}

describe('The editor', () => {
  let pages: Page[];
  let files: Map<string, string>;

  before(async () => {
    const { editorFiles, nodeTypes } = await import('../../scripts/build.mjs');
    files = new Map((await editorFiles()).map(([name, contents]) => [name, String(contents)]));
    pages = (await nodeTypes()).map((type) => page(type, files));
  });

  it('registers each type by a literal name, under one category and color', () => {
    for (const { type, html, definition } of pages) {
      assert.match(html, new RegExp(`registerType\\("${type}", \\{`));
      if (definition.category === 'config') continue;
      assert.equal(definition.category, 'Quectel');
      assert.equal(definition.color, pages.find((other) => other.definition.color)?.definition.color);
      assert.ok(files.has(`nodes/${type}/icons/${type}.svg`), `${type} has no icon`);
    }
  });

  it('has a field for every property and a property for every field', () => {
    for (const { type, form, definition } of pages) {
      const prefix = definition.category === 'config' ? 'node-config-input-' : 'node-input-';
      const fields = matches(form, / id="([^"]+)"/g)
        .filter((id) => id.startsWith(prefix))
        .map((id) => id.slice(prefix.length))
        .filter((name) => !name.startsWith('event-'));
      const properties = Object.keys({ ...definition.defaults, ...definition.credentials });
      assert.deepEqual(fields.sort(), properties.map((name) => codedFields[name] ?? name).sort(), type);
    }
  });

  it('has a value for every property in the examples', () => {
    for (const name of readdirSync('examples')) {
      const flow = JSON.parse(readFileSync(`examples/${name}`, 'utf8')) as ({ type: string } & Texts)[];
      for (const node of flow) {
        const definition = pages.find(({ type }) => type === node.type)?.definition;
        for (const property of Object.keys(definition?.defaults ?? {}))
          assert.ok(property in node, `${name}: ${node.type}.${property}`);
      }
    }
  });

  it('connects every label with a field', () => {
    for (const { type, form } of pages) {
      const ids = new Set(matches(form, / id="([^"]+)"/g));
      for (const target of matches(form, /<label[^>]*? for="([^"]+)"/g)) assert.ok(ids.has(target), target);
      assert.doesNotMatch(form, /<label(?![^>]* for=)/, type);
    }
  });

  it('has no row with a condition that can never be true', () => {
    for (const { type, form } of pages) {
      for (const condition of matches(form, /data-when="([^"]+)"/g)) {
        const [property = '', values = ''] = condition.split('=');
        const select = new RegExp(`<select id="[a-z-]+-input-${property}">(.*?)</select>`, 's').exec(
          form,
        )?.[1];
        const options = matches(select ?? '', /value="([^"]*)"/g);
        for (const value of values.split(' ')) assert.ok(options.includes(value), `${type}: ${condition}`);
      }
    }
  });

  it('has all its texts in the catalog', () => {
    for (const { type, form, script, catalog } of pages) {
      const formKeys = matches(form, /data-i18n="(?:\[\w+\])?([^"]+)"/g).filter((key) => !key.includes(':'));
      const scriptKeys = matches(script, /\btext\(\w+, "([\w.]+)"/g).map((key) => `${type}.${key}`);
      const said = matches(script, /\b(?:say|figure|fold)\("([\w.]+)"/g).map((key) => `${type}.${key}`);
      for (const key of [...formKeys, ...scriptKeys, ...said]) assert.ok(lookUp(catalog, key), key);
    }
  });

  it('has a text for every remedy, step, counter and state of the runtime', () => {
    const { catalog } = pages.find(({ type }) => type === 'qfwd-modem')!;
    const keys = [
      ...REMEDIES.map((remedy) => `diagnosis.remedy.${remedy}`),
      ...STEPS.map((step) => `diagnosis.step.${step}`),
      ...['ok', 'warn', 'fail', 'skip'].map((verdict) => `diagnosis.verdict.${verdict}`),
      ...['firmware', 'commands', 'lacks', ...Object.keys(FACTS)].map((item) => `calibration.item.${item}`),
      ...['unknown', ...calibrationWords()].map((word) => `calibration.word.${word}`),
      ...['raw', 'hex', 'unproved', 'damaged'].map((binary) => `calibration.binary.${binary}`),
      ...Object.keys(newCounters()).map((counter) => `sidebar.counter.${counter}`),
    ];
    for (const key of keys) assert.ok(lookUp(catalog, `qfwd-modem.${key}`), key);
  });

  it('names a node without a name by its type, as do the palette and the documentation', () => {
    for (const { type, definition, catalog } of pages) {
      if (definition.category === 'config') continue;
      const self = { type, name: '', port: '', _: translate(catalog) };
      assert.equal(definition.paletteLabel, type);
      assert.equal(definition.label!.call(self), type);
    }
  });

  it('uses colors of the theme', () => {
    for (const { type, html } of pages) {
      const style = /<style>(.*?)<\/style>/s.exec(html)?.[1] ?? '';
      assert.doesNotMatch(style, /#[0-9a-f]{3,8}\b(?!-)|rgba?\(|hsla?\(/i, type);
      for (const [, value = ''] of style.matchAll(/(?:color|stroke|background): ([^;]+);/g)) {
        assert.match(value, /^(var\(--red-ui-[\w-]+\)( !important)?|transparent|none)$/, `${type}: ${value}`);
      }
    }
  });

  it('keeps status texts short', () => {
    for (const { type, catalog } of pages) {
      const texts = Object.entries(lookUp(catalog, `${type}.status`) as Record<string, string>);
      assert.ok(texts.length > 0);
      for (const [key, text] of texts) assert.ok(text.length < 20, `${type}.status.${key}`);
    }
  });

  it('has help that it can display', () => {
    for (const { type, help } of pages) {
      const [intro = ''] = help.trim().split('\n\n');
      assert.ok(intro.split('\n').length <= 3, `${type}: long intro`);
      // A second colon ends the editor's description list.
      for (const line of help.split('\n').filter((text) => text.startsWith(': '))) {
        assert.match(line, /^: [^:]+ \([^:]+\) : [^:]+$/, type);
      }
    }
  });

  describe('validation', () => {
    const cases: [type: string, property: string, node: Texts, value: unknown, expected: true | string][] = [
      ['qfwd-server', 'port', {}, '2020', true],
      ['qfwd-server', 'port', {}, '${PORT}', true],
      ['qfwd-server', 'port', {}, ' ${PORT}', 'Listen on port: must be a whole number from 1 to 65535'],
      ['qfwd-server', 'port', {}, '', 'Listen on port: must be a whole number from 1 to 65535'],
      ['qfwd-server', 'port', {}, 65536, 'Listen on port: must be a whole number from 1 to 65535'],
      ['qfwd-server', 'pdpCid', {}, '', true],
      ['qfwd-server', 'pdpCid', {}, '1.5', 'PDP context: must be empty or a whole number from 0 to 16'],
      ['qfwd-server', 'allow', {}, '10.0.0.1, 192.168.0.0/16\nfe80::/10,', true],
      [
        'qfwd-server',
        'allow',
        {},
        '10.0.0.1\n10.0.0.0/33',
        'Allow only: entry 2 is not an address or CIDR block',
      ],
      ['qfwd-server', 'allow', {}, '::1/129', 'Allow only: entry 1 is not an address or CIDR block'],
      ['qfwd-client', 'host', {}, 'example.com', true],
      ['qfwd-client', 'host', {}, 'a"b', 'Host: must not contain spaces, quotes or control characters'],
      ['qfwd-client', 'host', {}, '', 'Host: must not be empty'],
      ['qfwd-modem', 'path', { transport: 'simulator' }, '', true],
      ['qfwd-modem', 'path', { transport: 'serial' }, '', 'Serial port: must not be empty'],
      ['qfwd-modem', 'init', {}, 'AT+QCFG="usbnet"\r\n\nat+csq', true],
      ['qfwd-modem', 'init', {}, 'AT\nhello', 'Start commands: line 2 is not an AT command'],
      ['qfwd-modem', 'init', {}, 'AT\rAT+CFUN=0', 'Start commands: line 1 is not an AT command'],
      ['qfwd-modem', 'simulator', { transport: 'simulator' }, { baud: 0 }, true],
      ['qfwd-modem', 'simulator', { transport: 'simulator' }, '${SIMULATOR}', true],
      [
        'qfwd-modem',
        'simulator',
        { transport: 'simulator' },
        '[]',
        'Options: must be a JSON object, such as {"baud": 115200}',
      ],
      ['qfwd-modem', 'pin', {}, '__PWRD__', true],
      ['qfwd-modem', 'pin', {}, '', true],
      ['qfwd-modem', 'pin', {}, '123', 'SIM PIN: must be 4 to 8 digits'],
      ['qfwd-modem', 'secretInit', {}, '__PWRD__', true],
      ['qfwd-modem', 'secretInit', {}, 'AT+CGAUTH=1,1,"u","p"\nAT', true],
      ['qfwd-modem', 'secretInit', {}, '__PWRD__\nAT', 'Secret start commands: line 1 is not an AT command'],
      ['qfwd-send', 'source', { target: 'msg' }, '', true],
      ['qfwd-send', 'source', { target: 'node' }, 'known', true],
      ['qfwd-send', 'source', { target: 'node' }, 'gone', 'Node: the selected node does not exist'],
      ['qfwd-recv', 'delimiter', { mode: 'auto', framing: 'delimiter' }, ' ', true],
      ['qfwd-recv', 'socketId', { mode: 'request', from: 'fixed' }, '', true],
      ['qfwd-state', 'socketId', { scope: 'server' }, '', true],
      [
        'qfwd-state',
        'socketId',
        { scope: 'server' },
        '65536',
        'Socket ID: must be empty or a whole number from 0 to 65535',
      ],
      ['qfwd-state', 'socketId', { scope: 'servers' }, '0', true],
      ['qfwd-at', 'command', {}, '', true],
      ['qfwd-at', 'command', {}, 'at+cgdcont=1,"IP","internet"', true],
      ['qfwd-at', 'command', {}, '${COMMAND}', true],
      ['qfwd-at', 'command', {}, '+CSQ', 'Command: must be empty or a single AT command'],
      ['qfwd-at', 'command', {}, 'AT+CSQ\nAT+CFUN=0', 'Command: must be empty or a single AT command'],
      ['qfwd-at', 'command', {}, 'AT\u001a', 'Command: must be empty or a single AT command'],
      ['qfwd-at', 'timeout', {}, '', true],
      [
        'qfwd-at',
        'timeout',
        {},
        '99',
        'Response timeout: must be empty or a whole number from 100 to 600000',
      ],
    ];
    for (const [type, property, node, value, expected] of cases) {
      const given = Object.keys(node).length > 0 ? ` of ${JSON.stringify(node)}` : '';
      it(`${type}.${property}${given}: ${JSON.stringify(value)}`, () => {
        const found = pages.find((candidate) => candidate.type === type)!;
        const definition = { ...found.definition.defaults, ...found.definition.credentials }[property]!;
        const self = { ...node, id: 'n', type, _def: found.definition, _: translate(found.catalog) };
        // Node-RED passes the label on, and takes a reason only from a function of two parameters.
        assert.equal(definition.validate!.length, 2);
        assert.equal(definition.validate!.call(self, value, { label: definition.label! }), expected);
      });
    }
  });
});

function page(type: string, files: Map<string, string>): Page {
  const html = files.get(`nodes/${type}/${type}.html`)!;
  const [script = '', form = '', help = ''] = matches(html, /^<script [^>]*>\n(.*?)^<\/script>$/gms);
  const catalog = JSON.parse(files.get(`nodes/${type}/locales/en-US/${type}.json`)!) as Texts;
  return { type, html, script, form, help, catalog, definition: register(script, catalog) };
}

/** Runs a page's script as the editor does, far enough to get at its definition. */
function register(script: string, catalog: Texts): Definition {
  let registered: Definition | undefined;
  const RED = {
    _: (key: string) => translate(catalog)(key.slice(key.indexOf(':') + 1)),
    nodes: {
      registerType: (_type: string, definition: Definition) => {
        registered = definition;
      },
      node: (id: string) => (id === 'known' ? {} : undefined),
    },
  };
  const noDialog = () => ({ data: () => undefined });
  vm.runInNewContext(script, { RED, $: noDialog, URL });
  return registered!;
}

function translate(catalog: Texts) {
  return (key: string, variables: Record<string, string | number> = {}): string => {
    const found = lookUp(catalog, key);
    assert.equal(typeof found, 'string', `no text for ${key}`);
    return String(found).replace(/__(\w+?)__/g, (_, name: string) => String(variables[name]));
  };
}

function lookUp(catalog: Texts, key: string): unknown {
  return key.split('.').reduce<unknown>((texts, part) => (texts as Texts | undefined)?.[part], catalog);
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1]!);
}
