/** A modem at a tty whose cable is pulled, is plugged in again, goes dead or is somewhere else afterwards. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rename, symlink, unlink } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { systemClock } from '../../src/at';
import { AllowList, type LinkState, Modem, type SocketEvent } from '../../src/modem';
import { qfwdFamily } from '../../src/qfwd';
import { SimulatedModule } from '../../src/simulator';
import { servePty } from '../../src/simulator/serve-pty';
import { serialTransport } from '../../src/transport';
import { freePort } from '../support/free-port';
import { reach } from './support/reach';
import { tempDir, useScope } from './support/scope';

describe('A modem at a tty', () => {
  const scope = useScope();

  /** An echo, with a peer that is connected to it; `tty` is the name by which the modem knows its port. */
  async function echoing(tty: string) {
    const module = new SimulatedModule();
    scope.defer(() => module.powerOff());
    const modem = new Modem(
      {
        dialect: 'auto',
        init: [],
        waitForNetwork: false,
        commandTimeout: 500,
        openTimeout: 10_000,
        payloadMode: 'auto',
        urcPort: 'usbat',
        pdpCid: 0,
        queueLimit: 2 ** 20,
      },
      {
        transport: serialTransport({ path: tty, baudRate: 115_200, rtscts: false }),
        families: [qfwdFamily],
        clock: systemClock,
        random: () => 0,
      },
    );
    scope.defer(() => modem.stop());
    modem.addConsumer({
      mode: 'auto',
      covers: () => true,
      isPaused: () => false,
      take: (connection, data) => void modem.send(connection, data, 10_000).catch(() => undefined),
      end: () => undefined,
      miss: () => undefined,
    });
    const events: SocketEvent[] = [];
    const port = await freePort();
    const settings = {
      pdpCid: 0,
      ipVersion: 'IP',
      protocol: 'tcp',
      port,
      backlog: 5,
      idleTimeout: 600,
      urcPort: 'usbat',
      allow: new AllowList(),
      maxClients: 0,
    } as const;
    modem.endpoints.declareServer('a server', settings, true, {
      onEvent: (event) => void events.push(event),
      onState: () => undefined,
      onError: () => undefined,
    });
    const state = (wanted: LinkState): Promise<void> =>
      new Promise((resolve) => {
        const look = (now: LinkState): void => {
          if (now !== wanted) return;
          modem.off('state', look);
          resolve();
        };
        modem.on('state', look);
        look(modem.state);
      });
    modem.start();

    const connectPeer = async () => {
      const peer = await reach(port);
      return async (text: string): Promise<void> => {
        peer.socket.write(text);
        assert.equal(await peer.text(text.length), text);
      };
    };
    return { module, state, connectPeer, events };
  }

  async function publish(module: SimulatedModule, at: string) {
    const tty = await servePty(module, 'usbat', at);
    tty.lost.catch(() => undefined);
    scope.defer(() => tty.close().catch(() => undefined));
    return tty;
  }

  it('waits for it, and loses nothing when the cable is disconnected and connected again', async () => {
    const tty = path.join(await tempDir(scope), 'ttyUSB2');
    const { module, state, connectPeer, events } = await echoing(tty);
    await state('offline');
    let cable = await publish(module, tty);
    const echoes = await connectPeer();
    await echoes('at first');
    for (let pull = 0; pull < 3; pull++) {
      await cable.close();
      await state('offline');
      cable = await publish(module, tty);
      await echoes(`after pull ${pull}`);
    }
    assert.ok(!events.some(({ event }) => event === 'client/close'));
  });

  it('finds it by the same link if its number has changed', async () => {
    const dir = await tempDir(scope);
    const [byId, before, after] = ['by-id', 'ttyUSB2', 'ttyUSB6'].map((name) => path.join(dir, name));
    const { module, state, connectPeer } = await echoing(byId!);
    const cable = await publish(module, before!);
    await symlink(before!, byId!);
    const echoes = await connectPeer();
    await echoes('before');
    await cable.close();
    await unlink(byId!);
    await state('offline');
    await publish(module, after!);
    await symlink(after!, `${byId!}.new`);
    await rename(`${byId!}.new`, byId!);
    await echoes('after');
  });

  for (const [what, sign, ...change] of [
    ['an echo to the module', 'x\rAT+CSQ\rx', 'echo'],
    ['other line ends', 'x', 'icrnl'],
  ] as const) {
    it(`restores its settings, which another program has changed: ${what}`, async () => {
      const tty = path.join(await tempDir(scope), 'ttyUSB2');
      const { module, connectPeer } = await echoing(tty);
      await publish(module, tty);
      const echoes = await connectPeer();
      await echoes('before');
      const settings = () => execFileSync('stty', ['-F', tty, '-g'], { encoding: 'utf8' });
      const before = settings();
      execFileSync('stty', ['-F', tty, ...change]);
      assert.notEqual(settings(), before);
      // What is echoed of it may be damaged.
      void echoes(sign).catch(() => undefined);
      while (settings() !== before) await sleep(50);
      await (
        await connectPeer()
      )('after');
    });
  }

  it('detects that it no longer responds by a query, and reconnects when it does', async () => {
    const tty = path.join(await tempDir(scope), 'ttyUSB2');
    const { module, state, connectPeer } = await echoing(tty);
    await publish(module, tty);
    const echoes = await connectPeer();
    await echoes('before');
    const stop = module.inject({ receive: () => Buffer.alloc(0), send: () => [] });
    await state('offline');
    stop();
    await state('ready');
    await echoes('after');
  });
});
