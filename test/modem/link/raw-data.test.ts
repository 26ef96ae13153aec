import assert from 'node:assert/strict';

import { checkCommand } from '../../../src/modem';
import { readyRig } from '../../support/modem/rig';
import { ScriptedModule } from '../../support/modem/script';

/** Content of a file, or data of a peer, that looks like lines of the module. */
const DATA = 'RDY\r\n+QFWDURC: "client/close",2\r\nOK\r\nERROR\r\n';

describe('Raw data in the response to a command from a user', () => {
  const cases = [
    ['AT+QFREAD=1,100', `CONNECT ${DATA.length}`],
    ['at + qfread = 1', `CONNECT ${DATA.length}`],
    ['AT+QSSLRECV=1,1500', `+QSSLRECV: ${DATA.length}`],
    ['AT+QIRD=3', `+QIRD: ${DATA.length},"10.0.0.1",1001`],
  ] as const;
  for (const [command, header] of cases) {
    it(`is not taken for lines of the module: ${command}`, async () => {
      const module = new ScriptedModule((line) =>
        line === command ? `\r\n${header}\r\n${DATA}\r\nOK\r\n` : undefined,
      );
      const rig = await readyRig({ transport: () => module });
      const heard: string[] = [];
      rig.modem.on('urc', (_urc, line) => heard.push(line));
      const { lines } = await rig.modem.requests.raw(command);
      assert.deepEqual(lines, [header, ...DATA.split('\r\n')]);
      assert.deepEqual(heard, []);
      assert.deepEqual(rig.states.all, ['connecting', 'initializing', 'ready']);
    });
  }

  it('is rejected if it has no length', () => {
    for (const command of ['AT+QHTTPREAD=80', 'AT+QFTPGET="a.txt","COM:"'])
      assert.throws(() => checkCommand(command), {
        code: 'QFWD_INVALID',
        message: /raw data without a length/,
      });
    for (const command of ['AT+QHTTPREAD=?', 'AT+QHTTPREADFILE="a.txt"', 'AT+QFTPGET="a.txt","RAM:a.txt"'])
      assert.doesNotThrow(() => checkCommand(command));
  });
});
