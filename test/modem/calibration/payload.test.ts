import assert from 'node:assert/strict';

import { calibrated } from '../../support/modem/calibrated';
import { readyRig } from '../../support/modem/rig';

describe('A calibration', () => {
  it('leaves open what the firmware takes too few bytes at a time for', async () => {
    const { profile } = await calibrated({ simulator: { partial: 3 } });
    const { perSend, hex, variable, fixed, hexLength } = profile.facts;
    assert.deepEqual(
      [perSend, hex, variable, fixed, hexLength],
      [3, undefined, undefined, undefined, undefined],
    );
  });

  it('does not take a full buffer for the end of the data', async () => {
    const rig = await readyRig();
    let count = 0;
    let isFull = false;
    rig.module.inject({
      receive: (bytes) => {
        if (isFull) {
          isFull = false;
          return Buffer.from('\x1b');
        }
        const [, command] = /^(AT\+QFWDSEND=\d+,0),8\r$/.exec(bytes.toString('latin1')) ?? [];
        if (command === undefined) return bytes;
        // The first time that Ctrl-Z and ESC are sent separately.
        isFull = [2, 4].includes(++count);
        return isFull ? Buffer.from(`${command}\r`) : bytes;
      },
    });
    assert.equal((await rig.modem.calibrate()).facts.fixed, 'transparent');
  });

  it('does not read where there is no data if the firmware does not answer that', async () => {
    const rig = await readyRig();
    let isSilent = false;
    const empty: string[] = [];
    rig.module.inject({
      send: (packet) => {
        const [line] = /\+QFWDRECV: \d+,0\b/.exec(packet.bytes.toString('latin1')) ?? [];
        if (line !== undefined) empty.push(line);
        const isDropped = line !== undefined || (isSilent && packet.kind === 'result');
        isSilent = line !== undefined;
        return isDropped ? [] : [packet];
      },
    });
    const { facts } = await rig.modem.calibrate();
    assert.deepEqual([facts.emptyRead, facts.fixed, empty.length], ['silent', 'transparent', 2]);
    rig.echo();
    const { peer } = await (await rig.openServer()).connect();
    const data = Buffer.alloc(1500, 'text');
    peer.socket.write(data);
    assert.deepEqual(await peer.until(data.length), data);
    assert.equal(empty.length, 2);
  });

  it('sends less to a firmware that rejects long payloads', async () => {
    const rig = await readyRig();
    let isRefused = false;
    const stop = rig.module.inject({
      receive: (bytes) => {
        isRefused = bytes.length > 101;
        return isRefused ? Buffer.from('\x1b') : bytes;
      },
      send: (packet) => {
        const isError = isRefused && packet.kind === 'result';
        isRefused &&= !isError;
        return [isError ? { ...packet, bytes: Buffer.from('\r\nERROR\r\n') } : packet];
      },
    });
    const { facts } = await rig.modem.calibrate();
    assert.deepEqual([facts.perSend, facts.variable, facts.hex], [64, 'transparent', undefined]);
    const { peer, socketId } = await (await rig.openServer()).connect();
    const data = Buffer.alloc(300, 'text');
    await rig.modem.send(socketId, data, 20_000);
    assert.deepEqual(await peer.until(data.length), data);
    stop();
  });

  /** What a firmware or a serial server may do with raw data if it takes it for text. */
  const MEDDLING: readonly (readonly [string, (body: string) => string])[] = [
    ['takes blanks off at the end', (body) => body.replace(/ +$/, '')],
    ['takes a line end off at the beginning', (body) => body.replace(/^\n/, '')],
    ['makes one of CR and LF', (body) => body.replaceAll('\r\n', '\n')],
    ['takes 255 twice for once', (body) => body.replaceAll('\xff\xff', '\xff')],
    ['takes Ctrl-Z off at the end', (body) => (body.endsWith('\x1a') ? body.slice(0, -1) : body)],
    ['loses NUL', (body) => body.replaceAll('\0', '')],
    ['loses XON and XOFF', (body) => body.replaceAll('\x11', '').replaceAll('\x13', '')],
  ];
  for (const [what, meddle] of MEDDLING) {
    it(`proves nothing if the module or the line ${what}`, async () => {
      const rig = await readyRig();
      const waiting = { length: 0, isRaw: false };
      rig.module.on('command', (line) => {
        const [, format, length] = /^AT\+QFWDSEND=\d+,([01])(?:,(\d+))?$/.exec(line) ?? [];
        waiting.isRaw = format === '0';
        waiting.length = Number(length ?? 0);
      });
      rig.module.inject({
        receive: (bytes) => {
          const { length, isRaw } = waiting;
          if (!isRaw || bytes.toString('latin1').startsWith('AT')) return bytes;
          waiting.isRaw = false;
          const end = length > 0 ? length : bytes.length - 1;
          const body = meddle(bytes.toString('latin1', 0, end));
          // The module takes as many bytes as it was told.
          const filled = length > 0 ? body.padEnd(length, '\r') : body;
          return Buffer.from(filled + bytes.toString('latin1', end), 'latin1');
        },
      });
      const { facts } = await rig.modem.calibrate();
      assert.equal(facts.fixed, 'altered');
      assert.equal(facts.hex, 'transparent');
    });
  }

  it('proves nothing if the line changes bytes', async () => {
    const rig = await readyRig();
    const stop = rig.module.inject({
      receive: (bytes) =>
        bytes.length > 200 ? Buffer.from(bytes.map((it) => (it === 0x11 ? 0x7f : it))) : bytes,
    });
    const { facts } = await rig.modem.calibrate();
    stop();
    assert.deepEqual([facts.variable, facts.fixed, facts.hex], ['altered', 'altered', 'transparent']);
    const { peer, socketId } = await (await rig.openServer()).connect();
    const data = Buffer.from('\x11 is sent as HEX now');
    await rig.modem.send(socketId, data, 20_000);
    assert.deepEqual(await peer.until(data.length), data);
    const commands = rig.module.commands.filter((line) => line.startsWith('AT+QFWDSEND='));
    assert.equal(commands.at(-1), `AT+QFWDSEND=${socketId},1`);
  });
});
