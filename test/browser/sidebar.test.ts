import assert from 'node:assert/strict';
import type { ModemSnapshot, ModemSummary, SocketSnapshot } from '../../nodes/qfwd-modem/answers';
import { newCounters } from '../../src/modem/link/counters';
import { startNodeRed } from '../system/support/node-red';
import { useScope } from '../system/support/scope';
import { cutChoices, cutTexts, faintTexts, namelessControls } from './support/appearance';
import { Editor } from './support/editor';

const DAY = 86_400_000;
/** In pixels; what wraps is different at each width. */
const WIDTHS = [300, 320, 340, 360, 400, 450, 700];
const LEAST_CONTRAST = 4.5;

const SERVER = {
  owner: 'server',
  kind: 'server',
  state: 'open',
  protocol: 'tcp',
  socketId: 1,
} as const;
const TROUBLE = { at: Date.now() - 3 * DAY, text: 'the module does not answer' };
const REASON =
  'no such port: /dev/serial/by-id/usb-Quectel_Wireless_Solutions_EC25-EFA_0123456789ABCDEF-if02-port0';

const BUSY: ModemSnapshot = {
  id: 'busy',
  name: 'Pumping station north, cellar, second cabinet on the left',
  portName: 'simulator',
  state: 'ready',
  commands: 'tcpip',
  waiting: 0,
  facts: {
    model: 'EC200U',
    firmware: 'EC200UCNAAR03A06M08_A0.300.A0.300',
    sim: 'READY',
    registration: 5,
    operator: 'A mobile virtual network operator with a long name',
    technology: 'LTE',
    signal: -113,
  },
  counters: { ...newCounters(), bytesIn: 123_456_789_012, payloadIn: 123_456_789_012 },
  queue: { bytes: 1_048_576, limit: 1_048_576 },
  trouble: TROUBLE,
  endpoints: [
    SERVER,
    {
      owner: 'client',
      kind: 'client',
      state: 'waiting',
      protocol: 'tcp',
      status: 'refused',
      trouble: { at: Date.now() - DAY, text: 'connection refused: does the host listen on this port?' },
    },
  ],
  sockets: Array.from({ length: 64 }, (_, at) => socket(at)),
  lineCount: 3,
  lines: ['AT+QISTATE=1,2', 'x'.repeat(4096), 'OK'].map((text, at) => ({
    at: Date.now() - 2 * DAY,
    direction: at === 0 ? 'out' : 'in',
    text,
  })),
};

const GONE: ModemSnapshot = {
  ...BUSY,
  id: 'gone',
  name: 'a-name-without-any-place-to-break-it-that-is-longer-than-the-sidebar-is-wide',
  state: 'offline',
  reason: REASON,
  facts: {},
  trouble: { at: Date.now(), text: REASON },
  endpoints: [],
  sockets: [],
  lines: [],
  lineCount: 0,
};

function socket(at: number): SocketSnapshot {
  return {
    socketId: at + 2,
    serverId: 1,
    protocol: 'tcp',
    state: 'open',
    owner: 'server',
    ip: at % 2 === 0 ? '192.168.225.100' : '2001:db8:1234:5678:9abc:def0:1234:5678',
    port: 60_000 + at,
    age: at * 3_600_000,
    silence: at * 1000,
    bytesIn: 999_499,
    bytesOut: 10 ** (at % 15),
  };
}

describe('the sidebar of the modems', () => {
  const suite = useScope('suite');
  const scope = useScope();
  let url: string;

  before(async () => {
    ({ url } = await startNodeRed(suite, []));
  });

  /** The editor of a Node-RED that has these modems. */
  async function showing(modems: readonly ModemSnapshot[], locale = 'en-US'): Promise<Editor> {
    const editor = await Editor.show(scope, url, { locale });
    const { page } = editor;
    await page.route('**/qfwd/modems', (route) =>
      route.fulfill({ json: modems satisfies readonly ModemSummary[] }),
    );
    for (const modem of modems)
      await page.route(`**/qfwd/modems/${modem.id}?*`, (route) => {
        const isFirst = new URL(route.request().url()).searchParams.get('after') === '0';
        return route.fulfill({ json: isFirst ? modem : { ...modem, lines: [] } });
      });
    await editor.showModems();
    return editor;
  }

  for (const locale of ['en-US', 'de', 'ja', 'zh-CN']) {
    it(`is readable at any width, whatever it shows, in ${locale}`, async () => {
      const editor = await showing([BUSY, GONE], locale);
      const { page } = editor;
      await page.locator('.qfwd-accepted').nth(63).waitFor();
      await page.evaluate(`$('#qfwd-sidebar details').attr('open', '')`);
      for (const width of WIDTHS) {
        await editor.setSidebarWidth(width);
        // With the sidebar itself, which would scroll.
        assert.deepEqual(await cutTexts(page, ':has(> #qfwd-sidebar)'), [], `cut at ${width}`);
        assert.deepEqual(await cutChoices(page, '#qfwd-sidebar'), [], `chosen at ${width}`);
      }
      assert.deepEqual(await namelessControls(page, '#qfwd-sidebar'), []);
      for (const colors of ['light', 'dark'] as const) {
        await editor.useColors(colors);
        assert.deepEqual(await faintTexts(page, '#qfwd-sidebar', LEAST_CONTRAST), [], colors);
      }
      assert.deepEqual(editor.problems, []);
    });
  }

  it('names the day of what was not today, and when a modem was last tried', async () => {
    const { page } = await showing([BUSY, GONE]);
    const [busy, gone] = ['busy', 'gone'].map((id) => page.locator(`section[data-modem="${id}"]`));
    const day = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}/.source;
    await busy!
      .locator('.qfwd-body > .qfwd-trouble', { hasText: new RegExp(`${day}.*does not answer`) })
      .waitFor();
    await busy!
      .locator('.qfwd-sockets .qfwd-trouble', { hasText: new RegExp(`${day} connection refused`) })
      .waitFor();
    assert.match(
      (await busy!.locator('.qfwd-lines li').first().textContent()) ?? '',
      new RegExp(`^${day} >`),
    );
    await gone!
      .locator('.qfwd-body > .qfwd-trouble', { hasText: /^Last reported: \d\d:\d\d:\d\d/ })
      .waitFor();
  });

  it('is used by keyboard alone: lines are cleared, found and copied', async () => {
    const editor = await showing([BUSY]);
    const { page } = editor;
    const lines = page.locator('.qfwd-lines li:visible');
    await lines.nth(2).waitFor();
    const focused = page.locator('#qfwd-sidebar :focus');
    const tabTo = async (name: string): Promise<void> => {
      for (let presses = 0; presses < 20; presses++) {
        if ((await focused.getAttribute('aria-label')) === name) return;
        await page.keyboard.press('Tab');
      }
      assert.fail(`${name} cannot be reached`);
    };
    await page.locator('summary', { hasText: 'AT lines' }).focus();
    await tabTo('Search');
    await page.keyboard.type('ok');
    assert.equal(await lines.count(), 1);
    await page.locator('summary', { hasText: 'AT lines' }).focus();
    await tabTo('Copy the lines shown');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.keyboard.press('Enter');
    const copied = await page.evaluate<string>('navigator.clipboard.readText()');
    assert.match(copied, /^\S+ \S+ < OK\n$/);
    await page.locator('summary', { hasText: 'AT lines' }).focus();
    await tabTo('Clear');
    await page.keyboard.press('Space');
    assert.equal(await page.locator('.qfwd-lines li').count(), 0);
    await page.locator('.qfwd-fold').focus();
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('.qfwd-body:visible').count(), 0);
  });

  it('says what to do if there is no modem', async () => {
    const { page } = await showing([]);
    await page.locator('#qfwd-sidebar', { hasText: 'No modem is deployed yet' }).waitFor();
    assert.equal(await page.locator('#qfwd-sidebar input:visible, #qfwd-sidebar section').count(), 0);
  });
});
