import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { STEPS } from '../../src/modem/diagnosis/finding';
import { parseTrace } from '../../src/trace';
import { rawEcho } from '../system/support/flows';
import { freePort } from '../support/free-port';
import { reach } from '../system/support/reach';
import { startNodeRed } from '../system/support/node-red';
import { useScope } from '../system/support/scope';
import { cutTexts, faintTexts, isInSight, namelessControls } from './support/appearance';
import { Editor } from './support/editor';

/** WCAG 2.1, level AA. */
const LEAST_CONTRAST = 4.5;

const PORTS = [
  {
    path: '/dev/serial/by-id/usb-Android_Android-if02-port0',
    device: '/dev/ttyUSB2',
    manufacturer: 'Android',
    usbId: '2c7c:0125',
    interface: '02',
    isModule: true,
    isAtPort: true,
  },
  { path: '/dev/ttyS0', isModule: false, isAtPort: false, lockedBy: 'ModemManager' },
];

describe('a modem in the editor', () => {
  const scope = useScope();

  it('is reached by a port that the picker found', async () => {
    const editor = await Editor.open(scope, rawEcho(await freePort(), { transport: 'serial', path: '' }));
    const { page } = editor;
    await page.route('**/qfwd/ports', (route) => route.fulfill({ json: PORTS }));
    await editor.edit(await editor.nodeOf('qfwd-modem'));
    await page.locator('#qfwd-path-find').click();
    const offered = page.locator('#qfwd-path-ports .qfwd-port');
    await offered.first().waitFor();
    assert.equal(await offered.count(), PORTS.length);
    assert.match((await offered.first().textContent()) ?? '', /AT port.*ttyUSB2.*2c7c:0125.*interface 02/);
    assert.match((await offered.last().textContent()) ?? '', /locked by ModemManager/);
    assert.deepEqual(await cutTexts(page, '.qfwd-ports'), []);

    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#qfwd-path-ports').isVisible(), false);
    await page.locator('#qfwd-path-find').click();
    await page.locator(`.qfwd-port[data-path="${PORTS[0]!.path}"]`).click();
    assert.equal(await page.locator('#node-config-input-path').inputValue(), PORTS[0]!.path);
    assert.equal(await offered.count(), PORTS.length);
    assert.equal(await page.locator('#qfwd-path-ports').isVisible(), false);
    await editor.confirm('config');
    assert.equal((await editor.properties(await editor.nodeOf('qfwd-modem'))).path, PORTS[0]!.path);
    assert.deepEqual(editor.problems, []);
  });

  it('that is not deployed cannot be diagnosed, which is said', async () => {
    const editor = await Editor.open(scope);
    const { page } = editor;
    await editor.drop('qfwd-urc');
    await editor.edit(await editor.nodeOf('qfwd-urc'));
    await page.locator('#node-input-btn-modem-add').click();
    await page.locator('#qfwd-diagnose').click();
    await page.locator('#qfwd-diagnosis', { hasText: 'not deployed' }).waitFor();
    // The browser itself writes of this answer to the console.
    assert.deepEqual(
      editor.problems.filter((problem) => !problem.includes('404')),
      [],
    );
  });
});

describe('a modem at work, in the editor', () => {
  const suite = useScope('suite');
  const scope = useScope();
  let port: number;
  let url: string;

  before(async () => {
    port = await freePort();
    ({ url } = await startNodeRed(suite, rawEcho(port, { transport: 'simulator', name: 'EC25' })));
  });

  it('is diagnosed, and can be read in light and in dark', async () => {
    const editor = await Editor.show(scope, url);
    const { page } = editor;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await editor.showsStatus('qfwd-server', ':');
    await editor.edit(await editor.nodeOf('qfwd-modem'));
    await page.locator('#qfwd-diagnose').click();
    const findings = page.locator('#qfwd-findings > li');
    await findings.first().waitFor();
    const steps = await findings.evaluateAll((rows) => rows.map((row) => row.getAttribute('data-step')));
    const withoutSecond = STEPS.filter((step) => step !== 'second');
    assert.deepEqual(steps, withoutSecond);
    const verdicts = await findings.evaluateAll((rows) =>
      rows.map((row) => row.getAttribute('data-verdict')),
    );
    assert.deepEqual([...new Set(verdicts)], ['ok']);
    assert.ok(await isInSight(page, '#qfwd-diagnosis .qfwd-heading'));
    await page.locator('#qfwd-diagnosis .qfwd-copy-report').click();
    const report = await page.evaluate<string>('navigator.clipboard.readText()');
    assert.match(report, /^Modem report – .*\n@qfwd\/node-red-quectel .*, simulator\n\n\[ok\] {3}Port: /);
    assert.deepEqual(await cutTexts(page, '.qfwd-form'), []);
    for (const colorScheme of ['light', 'dark'] as const) {
      await editor.useColors(colorScheme);
      assert.deepEqual(await faintTexts(page, '.qfwd-form', LEAST_CONTRAST), [], colorScheme);
    }
    assert.deepEqual(editor.problems, []);
  });

  it('is watched in the sidebar, in light and in dark', async () => {
    const editor = await Editor.show(scope, url);
    const { page } = editor;
    await editor.showModems();
    const modem = page.locator('#qfwd-sidebar section.qfwd-modem');
    await page.locator('section.qfwd-modem[data-state="ready"]').waitFor();
    assert.equal(await modem.count(), 1);
    assert.equal(await modem.getAttribute('data-modem'), (await editor.nodeOf('qfwd-modem')).id);
    assert.match((await modem.locator('header').textContent()) ?? '', /EC25.*ready/);

    const peer = await reach(port);
    peer.socket.write('hello');
    await peer.until(1);
    await page.locator('.qfwd-sockets .qfwd-accepted', { hasText: 'tcp 127.0.0.1' }).waitFor();
    await modem.locator('summary', { hasText: 'Counters' }).click();
    for (const counter of ['payloadIn', 'payloadOut'])
      await modem.locator(`dd[data-counter="${counter}"]`, { hasText: /^[1-9]\d* B$/ }).waitFor();
    assert.match((await modem.locator('.qfwd-lines').textContent()) ?? '', /AT\+QFWDSEND/);
    const lines = modem.locator('.qfwd-lines li');
    const first = await lines.first().textContent();
    assert.match(first ?? '', /^\d\d:\d\d:\d\d\.\d{3} [<>!] /);
    await modem.getByRole('button', { name: 'Pause' }).click();
    const paused = await lines.count();
    peer.socket.write('again');
    await peer.until(2);
    await page.waitForResponse((response) => response.url().includes(`/modems/`));
    assert.equal(await lines.count(), paused);
    await modem.getByRole('button', { name: 'Continue' }).click();
    await page.waitForFunction(`document.querySelectorAll('.qfwd-lines li').length > ${paused}`);
    assert.equal(await lines.first().textContent(), first, 'lines stay');
    await modem.locator('label', { hasText: 'hide queries' }).click();
    assert.equal(await modem.locator('.qfwd-lines li:visible', { hasText: 'AT+CEREG?' }).count(), 0);
    await modem.getByRole('searchbox', { name: 'Search' }).fill('qfwdsend');
    const found = await modem.locator('.qfwd-lines li:visible').allTextContents();
    assert.ok(found.length > 0 && found.every((line) => line.includes('QFWDSEND')), found.join('\n'));
    await modem.getByRole('searchbox', { name: 'Search' }).fill('');
    const download = page.waitForEvent('download');
    await modem.getByRole('button', { name: 'Save as a trace' }).click();
    const saved = await download;
    assert.equal(saved.suggestedFilename(), 'EC25-trace.jsonl');
    const trace = parseTrace(await readFile(await saved.path(), 'utf8'));
    assert.ok(trace.some(({ data }) => data.startsWith('AT+QFWDSEND=')));
    await modem.locator('[data-fact="network"]', { hasText: 'Simulated · LTE · registered' }).waitFor();
    assert.match(
      (await modem.locator('.qfwd-accepted').textContent()) ?? '',
      /open for \d+ s · last data \d+ s ago/,
    );
    assert.match((await modem.locator('.qfwd-plot').getAttribute('aria-label')) ?? '', /last minute/);
    assert.deepEqual(await cutTexts(page, '#qfwd-sidebar'), []);
    assert.deepEqual(await namelessControls(page, '#qfwd-sidebar'), []);
    for (const colorScheme of ['light', 'dark'] as const) {
      await editor.useColors(colorScheme);
      assert.deepEqual(await faintTexts(page, '#qfwd-sidebar', LEAST_CONTRAST), [], colorScheme);
    }
    assert.deepEqual(editor.problems, []);
  });
});

/** Reports that an element is out of sight together with each change, as a busy browser does with earlier changes. */
const BUSY_OBSERVER = `window.IntersectionObserver = class extends IntersectionObserver {
  constructor(report) {
    super((changes, self) => report([{ isIntersecting: false }, ...changes], self));
  }
}`;

describe('many modems in the editor', () => {
  const suite = useScope('suite');
  const scope = useScope();
  const modems = ['lab', 'yard', 'roof', 'gone'].map((name, at) => ({
    id: `modem${at}`,
    type: 'qfwd-modem',
    name,
    ...(name === 'gone'
      ? { transport: 'serial', path: '/dev/ttyNONE' }
      : { transport: 'simulator', simulator: {} }),
  }));
  const users = modems.map(({ id }, at) => ({
    id: `user${at}`,
    type: 'qfwd-urc',
    z: 'many',
    modem: id,
    x: 100,
    y: 100 + 60 * at,
    wires: [[]],
  }));
  let url: string;

  before(async () => {
    ({ url } = await startNodeRed(suite, [{ id: 'many', type: 'tab', label: 'Many' }, ...modems, ...users]));
  });

  it('are shown by a busy browser, too', async () => {
    const editor = await Editor.show(scope, url);
    const { page } = editor;
    await page.addInitScript(BUSY_OBSERVER);
    await editor.reload();
    await editor.showModems();
    await page.locator('.qfwd-tally', { hasText: '3 ready' }).waitFor();
  });

  it('take one line each, those with a problem first, and only what is unfolded is asked for', async () => {
    const editor = await Editor.show(scope, url);
    const { page } = editor;
    const asked: string[] = [];
    page.on('request', (request) => void asked.push(new URL(request.url()).pathname));
    await editor.showModems();
    await page.locator('.qfwd-tally', { hasText: '3 ready · 1 offline' }).waitFor();
    const names = page.locator('section.qfwd-modem .qfwd-name');
    assert.deepEqual(await names.allTextContents(), ['gone', 'lab', 'roof', 'yard']);
    const heights = await page
      .locator('section.qfwd-modem')
      .evaluateAll((all) => all.map((it) => it.clientHeight));
    assert.ok(Math.max(...heights) < 140, heights.join());
    assert.ok(!asked.some((path) => path.includes('/modems/modem')));

    await page.locator('.qfwd-fold', { hasText: 'yard' }).click();
    await page.locator('section[data-modem="modem1"] [data-fact="sim"]').waitFor();
    assert.deepEqual(
      [...new Set(asked.filter((path) => path.includes('/modems/modem')))],
      ['/qfwd/modems/modem1'],
    );

    await page.getByRole('searchbox', { name: 'Filter' }).fill('ro');
    assert.deepEqual(await names.allTextContents(), ['roof']);
    assert.deepEqual(editor.problems, []);
  });
});

describe('a user who may only read, in the editor', () => {
  const suite = useScope('suite');
  const scope = useScope();
  let url: string;

  before(async () => {
    ({ url } = await startNodeRed(
      suite,
      rawEcho(await freePort(), { transport: 'simulator', name: 'EC25' }),
    ));
  });

  it('finds Diagnose and Calibrate disabled, with the reason', async () => {
    const editor = await Editor.show(scope, url);
    const { page } = editor;
    await page.evaluate("RED.settings.user = { permissions: 'read' }");
    await editor.edit(await editor.nodeOf('qfwd-modem'));
    for (const id of ['diagnose', 'calibrate']) {
      const button = page.locator(`#qfwd-${id}`);
      assert.ok(await button.isDisabled());
      assert.match((await button.getAttribute('title')) ?? '', /qfwd\.write/);
    }
    assert.match(await page.locator('.qfwd-diagnosis > .qfwd-hint').innerText(), /qfwd\.write/);
  });

  it('is not asked for again and again what may not be seen', async () => {
    const editor = await Editor.show(scope, url);
    const { page } = editor;
    let requests = 0;
    await page.route('**/qfwd/modems', (route) => {
      requests++;
      return route.fulfill({ status: 401, json: {} });
    });
    await editor.showModems();
    await page.locator('#qfwd-sidebar .qfwd-error', { hasText: 'permission' }).waitFor();
    await page.waitForTimeout(6000);
    assert.equal(requests, 1);
  });
});
