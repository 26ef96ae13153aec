/**
 * `node scripts/screenshots.mjs`: retakes the screenshots in docs/images/, of the example `echo` in Node-RED's editor.
 * Needs chromium.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { require as requireTypeScript } from 'tsx/cjs/api';
import { ensureBuilt, ensureInstalled, root } from './install.mjs';

const { Editor } = requireTypeScript('../test/browser/support/editor.ts', import.meta.url);
const { exampleEcho } = requireTypeScript('../test/system/support/flows.ts', import.meta.url);

/** The ports of an EC25 on USB. */
const ports = ['00', '01', '02', '03'].map((number) => ({
  path: `/dev/serial/by-id/usb-Android_Android-if${number}-port0`,
  device: `/dev/ttyUSB${Number(number)}`,
  usbId: '2c7c:0125',
  interface: number,
  isModule: true,
  isAtPort: number === '02',
}));
ports.sort((one, other) => Number(other.isAtPort) - Number(one.isAtPort));

ensureInstalled();
await ensureBuilt();
const undos = [];
const scope = { defer: (undo) => undos.push(undo), explain: () => undefined };
try {
  const editor = await Editor.open(scope, exampleEcho());
  const { page } = editor;
  await page.setViewportSize({ width: 1330, height: 540 });
  await editor.showsStatus('qfwd-server', ':2020');
  await page.locator('#red-ui-palette-search input').pressSequentially('quectel');
  await page.locator('[data-palette-type="inject"]').waitFor({ state: 'hidden' });
  await page.evaluate("RED.sidebar.show('debug')");
  const peer = connect(2020, '127.0.0.1');
  peer.write('hello\n');
  await once(peer, 'data');
  await page.getByText('client/incoming').first().waitFor();
  await take('flow', page);

  await editor.showModems();
  await page.locator('.qfwd-accepted').waitFor();
  // The plot shows a minute; a few seconds of data are enough.
  for (let second = 0; second < 8; second++) {
    peer.write(`${'x'.repeat(200 + 300 * (second % 4))}\n`);
    await page.waitForTimeout(1000);
  }
  await page.setViewportSize({ width: 1180, height: 960 });
  await take('sidebar', page.locator('#qfwd-sidebar .qfwd-modem'));
  peer.destroy();

  await page.route('**/qfwd/ports', (route) => route.fulfill({ json: ports }));
  await editor.edit(await editor.nodeOf('qfwd-modem'));
  await page.locator('#node-config-input-transport').selectOption('serial');
  await page.locator('#qfwd-path-find').click();
  await page.locator('.qfwd-port').first().waitFor();
  await take('modem', page.locator('.red-ui-tray').last());
} finally {
  for (const undo of undos.reverse()) await undo();
}

async function take(name, subject) {
  await subject.screenshot({ path: path.join(root, `docs/images/${name}.png`) });
}
