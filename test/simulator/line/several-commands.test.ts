import assert from 'node:assert/strict';

import type { SimulatorOptions } from '../../../src/simulator';
import { connectPeer } from '../../support/peers';
import { connected, lines, OK, start } from '../../support/simulator';

const READ_TWICE = 'AT+QFWDRECV=2,1024;+QFWDRECV=2,1024\r';
const NOTHING = lines('+QFWDRECV: 2,0');

const read = (data: string): string => lines(`+QFWDRECV: 2,${data.length}`) + `${data}\r\n`;
const reported = (text: string): string => lines(`+QFWDURC: "client/${text}`);

describe('several commands on a line', () => {
  it('have their responses one after the other, and share the delay', async () => {
    const { clock, module, host } = start({ answerDelay: 70 });
    const sent: [ms: number, text: string][] = [];
    module.on('sent', (bytes) => sent.push([clock.now() - begin, bytes.toString()]));
    const begin = clock.now();
    await host.command('AT+CMEE?;+CREG?;+CMEE=2;+CMEE?');
    assert.deepEqual(sent, [
      [10, lines('+CMEE: 0')],
      [30, lines('+CREG: 0,1')],
      [70, lines('+CMEE: 2', 'OK')],
    ]);
  });

  it('read what comes after the first of them', async () => {
    const { clock, host, peer } = await connected({ answerDelay: 100 });
    host.write(READ_TWICE);
    await clock.pass(50);
    peer.socket.write('late');
    assert.equal(await host.until(OK), NOTHING + reported('read",2') + read('late') + OK);
  });

  it('may be about the next connection with the same id', async () => {
    const { clock, host, peer, port } = await connected({ answerDelay: 100, halfClose: 0 });
    peer.socket.end('last');
    await host.urc('client/close');
    host.write(READ_TWICE);
    await clock.pass(50);
    const next = await connectPeer(port);
    next.socket.write('first');
    const incoming = `incoming",1,2,"127.0.0.1",${next.port},"0.0.0.0",${port}`;
    assert.equal(
      await host.until(OK),
      read('last') + reported(incoming) + reported('read",2') + read('first') + OK,
    );
  });

  it('have URCs between their responses, or after the result code', async () => {
    const urc = lines('+CMTI: "SM",3');
    for (const [commandUrcs, response] of [
      ['sent', lines('+CMEE: 0') + urc + lines('+CREG: 0,1', 'OK')],
      ['held', lines('+CMEE: 0', '+CREG: 0,1', 'OK') + urc],
    ] as const) {
      const { clock, module, host } = start({ commandUrcs, answerDelay: 100 });
      host.write('AT+CMEE?;+CREG?\r');
      await clock.pass(60);
      module.urc('+CMTI: "SM",3');
      await clock.pass(60);
      assert.equal(host.pending, response, commandUrcs);
    }
  });

  it('hold URCs over a prompt, too', async () => {
    const { host, module } = await connected({ commandUrcs: 'held' });
    host.write('AT+QFWDSEND=2,0,1\r');
    await host.until('> ');
    module.urc('RING');
    host.write('x');
    assert.equal(await host.until('RING\r\n'), lines('+QFWDSEND: 2,1', 'OK', 'RING'));
  });

  it('are not executed any more after a restart', async () => {
    const { clock, module, host } = start({ answerDelay: 100 });
    host.write('AT+CREG?;+CMEE=2\r');
    await clock.pass(20);
    await module.reboot();
    await host.until('+CFUN: 1\r\n');
    assert.match(await host.command('AT+CMEE?'), /\+CMEE: 0\r/);
  });

  it('are executed up to the most that a line may have', async () => {
    const one = lines('+CMEE: 0');
    const error = lines('ERROR');
    type Case = [options: Partial<SimulatorOptions>, ofTwo: string, ofThree: string];
    const cases: Case[] = [
      [{}, one + one + OK, one + one + one + OK],
      [{ joined: 'refused' }, error, error],
      [{ joined: 'first' }, one + error, one + error],
      [{ joined: 'each' }, one + OK + one + OK, one + OK + one + OK + one + OK],
      [{ joined: 'ignored' }, one + OK, one + OK],
      [{ mostJoined: 2 }, one + one + OK, error],
      [{ mostJoined: 2, joined: 'refused' }, one + one + OK, error],
      [{ mostJoined: 2, joined: 'first' }, one + one + OK, one + one + error],
      [{ mostJoined: 2, joined: 'each' }, one + OK + one + OK, error],
      [{ mostJoined: 2, joined: 'ignored' }, one + one + OK, one + one + OK],
    ];
    for (const [options, ...responses] of cases) {
      const { clock, host } = start(options);
      for (const [index, response] of responses.entries()) {
        // Basic commands do not count.
        host.write(`ATE0${';+CMEE?'.repeat(index + 2).slice(1)}\r`);
        await clock.quiet();
        assert.equal(await host.until(response), response, JSON.stringify(options));
        assert.equal(host.pending, '', JSON.stringify(options));
      }
    }
  });
});
