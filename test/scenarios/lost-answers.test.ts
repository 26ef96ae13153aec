import assert from 'node:assert/strict';

import { dropNext, type Fault, loseInput, type SimulatorOptions } from '../../src/simulator';
import { calibrated } from '../support/modem/calibrated';
import { scenario, TCPIP } from '../support/modem/family';
import { loseNextSent } from '../support/modem/faults';
import { readyRig, type Rig, type RigOptions } from '../support/modem/rig';

const BODY = Buffer.alloc(1000, '#');

/** Loses so many bytes at the end of the next body. */
function loseEndOfBody(count: number): Fault {
  let spent = false;
  return {
    get spent() {
      return spent;
    },
    receive(bytes) {
      if (spent || bytes.length < BODY.length) return bytes;
      spent = true;
      return bytes.subarray(0, -count);
    },
  };
}

/** A connection on which something was sent before. */
async function inUse(options: RigOptions = {}) {
  return connected(await readyRig(options));
}

async function connected(rig: Rig) {
  const { peer, socketId } = await (await rig.openServer()).connect();
  await rig.modem.send(socketId, Buffer.from('before '), 30_000);
  await peer.untilText('before ');
  const { module, clock } = rig;
  const send = (data: Buffer | string) => rig.modem.send(socketId, Buffer.from(data), 60_000);
  /** What the peer got from now on. */
  const received = () => peer.received.toString().replace('before ', '');
  return { rig, module, clock, peer, socketId, send, received };
}

scenario(
  'A module that counts what it has taken',
  () => {
    for (const [form, simulator] of Object.entries<Partial<SimulatorOptions>>({
      'SEND OK': {},
      'a response': { qicfg: 'sendinfo=1', lacks: 'QICFG' },
    }))
      it(`determines the outcome of a payload whose response is lost: ${form}`, async () => {
        const { module, peer, send, received } = await inUse({ simulator });
        module.inject(loseNextSent());
        const [lost, next] = await Promise.all([send('lost '), send('next')]);
        assert.deepEqual([lost.bytes, next.bytes], [5, 4]);
        await peer.untilText('next');
        assert.equal(received(), 'lost next');
      });

    it('makes a payload of which bytes were lost be sent again, once, where ESC cancels', async () => {
      for (const count of [1, 2, 500]) {
        const { module, peer, send, received } = await inUse({
          simulator: { fixedLength: 'cancels-at-esc' },
        });
        module.inject(loseEndOfBody(count));
        assert.equal((await send(BODY)).bytes, BODY.length);
        await send('next');
        await peer.untilText('next');
        assert.equal(received(), `${BODY.toString()}next`);
      }
    });

    it('leaves the outcome of a payload of which bytes were lost unknown where ESC is data', async () => {
      for (const count of [1, 2, 5, 9, 500]) {
        const { module, peer, send, received } = await inUse();
        module.inject(loseEndOfBody(count));
        await assert.rejects(send(BODY), { code: 'QFWD_UNKNOWN_OUTCOME' });
        await send('next');
        await peer.untilText('next');
        assert.equal(received().length, BODY.length + 4);
      }
    });

    for (const fixedLength of ['transparent', 'cancels-at-esc'] as const)
      it(`gets a harmless payload once, and nothing else, if its prompt is lost (${fixedLength})`, async () => {
        const { module, peer, send, received } = await inUse({ simulator: { fixedLength } });
        module.inject(dropNext('prompt'));
        assert.equal((await send(BODY)).commands, 1);
        await send('next');
        await peer.untilText('next');
        assert.equal(received(), `${BODY.toString()}next`);
      });

    it('gets a harmless payload once if its command is lost', async () => {
      const { module, peer, send, received } = await inUse();
      module.inject(loseInput('AT+QISEND=11,1000\r'.length));
      assert.equal((await send(BODY)).commands, 2);
      await peer.until('before '.length + BODY.length);
      assert.equal(received(), BODY.toString());
    });

    it('executes no part of a payload that could be a command, even if its prompt and the command are lost', async () => {
      for (const lose of [() => dropNext('prompt'), () => loseInput(18)]) {
        const { module, send } = await inUse();
        const before = module.commands.length;
        module.inject(lose());
        await send('text\rAT+CFUN=0\r').catch(() => undefined);
        assert.ok(!module.commands.slice(before).some((line) => line.includes('CFUN')));
      }
    });

    it('gets a payload that could be a command as digits, which need no prompt, once a prompt was lost', async () => {
      const { rig, module, peer, send, received } = await inUse();
      module.inject(dropNext('prompt'));
      const text = 'what is that? '.repeat(50);
      await assert.rejects(send(text), { code: 'QFWD_UNKNOWN_OUTCOME' });
      const before = received().length;
      const raw = rig.count('AT+QISEND=11,7');
      assert.equal((await send(text)).bytes, text.length);
      assert.equal(rig.count('AT+QISEND=11,7'), raw);
      await send(BODY);
      assert.equal(rig.count(`AT+QISEND=11,${BODY.length}`), 1);
      await peer.until('before '.length + before + text.length + BODY.length);
      assert.equal(received().slice(before), text + BODY.toString());
    });

    it('is trusted when its response is late', async () => {
      const { clock, module, peer, socketId, send, received } = await connected((await calibrated()).rig);
      let isPrompted = false;
      module.inject({
        delay() {
          if (module.commands.at(-1) !== `AT+QISEND=${socketId},${BODY.length}`) return 0;
          const isResult = isPrompted;
          isPrompted = true;
          return isResult ? 4500 : 0;
        },
      });
      const started = clock.now();
      assert.equal((await send(BODY)).bytes, BODY.length);
      assert.ok(clock.now() - started > 4000);
      await send('next');
      await peer.untilText('next');
      assert.equal(received(), `${BODY.toString()}next`);
    });

    it('is not queried about what was sent before the line was lost', async () => {
      const { rig, module, send } = await inUse();
      module.inject(loseNextSent());
      const sending = send('lost');
      await rig.pass(1000);
      rig.module.unplug();
      await assert.rejects(sending, { code: 'QFWD_UNKNOWN_OUTCOME' });
    });
  },
  [TCPIP],
);
