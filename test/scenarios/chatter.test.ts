import assert from 'node:assert/strict';

import { dropNext } from '../../src/simulator';
import { defer } from '../support/cleanup';
import { QFWD, scenario } from '../support/modem/family';
import { readyRig, type Rig } from '../support/modem/rig';

/** The module has something to say all the time that belongs to nobody. */
function chatter(rig: Rig, ...lines: string[]): void {
  const talking = setInterval(() => lines.forEach((line) => rig.module.urc(line)), 50);
  defer(() => clearInterval(talking));
}

scenario('A module that sends lines all the time', (family) => {
  it('does not delay the queue by a command whose OK was lost', async () => {
    const rig = await readyRig();
    const { peer, socketId } = await (await rig.openServer()).connect();
    await rig.quiet();
    chatter(rig, '+CREG: 1', 'RING');
    rig.module.inject(dropNext('result'));
    const lost = rig.modem.requests.raw('AT+COPS?', 1000).catch((error: unknown) => error);
    await rig.modem.send(socketId, Buffer.from('next'), 60_000);
    await peer.untilText('next');
    assert.ok((await lost) instanceof Error);
  });

  it('does not delay the queue by any other command, whatever is lost of its response', async () => {
    const rig = await readyRig();
    const { peer, socketId } = await (await rig.openServer()).connect();
    chatter(rig, '+CREG: 1', 'RING', '+QFWDURC: "client/new",1', 'OKAY', '> ');
    for (const kind of ['prompt', 'info', 'result', 'block'] as const) rig.module.inject(dropNext(kind));
    for (let number = 0; number < 5; number++) {
      await rig.modem.send(socketId, Buffer.from(`${number},`), 60_000).catch(() => undefined);
      peer.socket.write('x');
      await rig.modem.read(socketId).catch(() => undefined);
    }
    await rig.modem.send(socketId, Buffer.from('last'), 60_000);
    await peer.untilText('last');
    // Where a prompt was lost, what woke the module was data to it.
    const received = peer.received.toString().replace(family === QFWD ? '' : '\x1b\r', '');
    assert.match(received, /^(0,)?(1,)?(2,)?(3,)?(4,)?last$/);
  });
});
