import assert from 'node:assert/strict';

import { detectDialect } from '../../src/qfwd/detect';
import { type Dialect } from '../../src/qfwd/dialect';
import { countParameters } from '../../src/qfwd/detect';
import { EXAMPLE, MANUAL } from '../../src/qfwd/dialect';
import { answered } from '../support/answered';

const EIGHT =
  '(0-16),(1-65535),("IP","IPV6"),("tcp","udp"),(1-65535),(1-10),(1-65535),("uart1","usbat","usbmodem")';
const SIX = '(1-65535),<apn>,("ip","ipv6"),("tcp","udp"),(1-65535),(1-10)';

/** Detects the dialect of a module that knows these names; of the server's it says `serverArguments`. */
async function detect(
  known: readonly string[],
  serverArguments = EIGHT,
  wanted: 'auto' | 'manual' | 'example' = 'auto',
) {
  const asked: string[] = [];
  const dialect = await detectDialect((command) => {
    asked.push(command.text);
    const name = /^AT\+(\w+)=\?$/.exec(command.text)?.[1] ?? '';
    if (!known.includes(name)) return Promise.resolve(undefined);
    const spelt = name === 'QFWDRECV' ? 'QFWDPRECV' : name;
    // 2.6 and 2.7 answer with nothing but OK.
    const information = /SE.?VER/.test(name)
      ? `\r\n+${spelt}: ${serverArguments}\r\n`
      : name.includes('RECV')
        ? `\r\n+${spelt}: <socket_id>,<read_len>\r\n`
        : '';
    return Promise.resolve(answered(command, `${information}\r\nOK\r\n`));
  }, wanted);
  return { dialect, asked };
}

describe('The dialect', () => {
  for (const server of ['QFWDSEVER', 'QFWDSERVER'] as const)
    for (const state of ['QFWDSTATE', 'QFWDSSSTATE'] as const)
      for (const close of ['QFWDCLOSE', 'QFWDSCLOSE'] as const)
        for (const read of ['QFWDRECV', 'QFWDACK'] as const)
          for (const serverArguments of ['manual', 'example'] as const)
            it(`${server}, ${state}, ${close}, ${read}, as in the ${serverArguments}`, async () => {
              const expected: Dialect = { server, state, close, read, serverArguments };
              const six = serverArguments === 'example' ? SIX : EIGHT;
              assert.deepEqual((await detect([server, state, close, read], six)).dialect, expected);
            });

  it('has the spelling of the contents and examples if there are both', async () => {
    const all = [
      'QFWDSEVER',
      'QFWDSERVER',
      'QFWDSTATE',
      'QFWDSSSTATE',
      'QFWDCLOSE',
      'QFWDSCLOSE',
      'QFWDRECV',
      'QFWDACK',
    ];
    assert.deepEqual((await detect(all)).dialect, MANUAL);
  });

  it('is undefined if every test command is rejected', async () => {
    for (const wanted of ['auto', 'manual', 'example'] as const) {
      const { dialect, asked } = await detect([], EIGHT, wanted);
      assert.equal(dialect, undefined);
      assert.deepEqual(asked, ['AT+QFWDSEVER=?', 'AT+QFWDSERVER=?']);
    }
  });

  it('has the values that the user has set, except for the spelling', async () => {
    const known = ['QFWDSERVER', 'QFWDSSSTATE', 'QFWDSCLOSE', 'QFWDRECV'];
    const spelling = { server: 'QFWDSERVER', state: 'QFWDSSSTATE', close: 'QFWDSCLOSE' } as const;
    assert.deepEqual((await detect(known, SIX, 'manual')).dialect, { ...MANUAL, ...spelling });
    assert.deepEqual((await detect(known, EIGHT, 'example')).dialect, { ...EXAMPLE, ...spelling });
  });

  it('is not detected if the module no longer responds', async () => {
    await assert.rejects(
      detectDialect(() => Promise.reject(new Error('silent')), 'auto'),
      /silent/,
    );
  });

  it('has the number of parameters of a test response', () => {
    assert.equal(countParameters([`+QFWDSEVER: ${EIGHT}`]), 8);
    assert.equal(countParameters([`+QFWDSERVER:${SIX}`]), 6);
    assert.equal(countParameters(['+QFWDRECV: <socket_id>,<read_len>']), 2);
    assert.equal(countParameters(['+X:']), 0);
    assert.equal(countParameters([]), 0);
  });
});
