import assert from 'node:assert/strict';
import { AtError, type Command } from '../../../src/at';
import { QfwdError } from '../../../src/modem';
import { withObstacle } from '../../../src/modem/endpoints/obstacle';
import type { Session } from '../../../src/modem/link/session';

/** A module with these responses, and ERROR with this code to all other commands. */
function sessionWith(answers: Record<string, string>, cme?: number): Session {
  const execute = ({ text }: Command): Promise<readonly string[]> => {
    const line = answers[text];
    if (line !== undefined) return Promise.resolve([line]);
    return Promise.reject(new AtError('rejected', 'ERROR', false, cme));
  };
  return { lines: { execute } } as unknown as Session;
}

describe('withObstacle', () => {
  const failed = new QfwdError('QFWD_OPEN_FAILED', 'not opened', { result: 42 });
  const READY = { 'AT+CPIN?': '+CPIN: READY' };

  const cases: [what: string, session: Session, obstacle: string | undefined][] = [
    ['a SIM that needs its PIN', sessionWith({ 'AT+CPIN?': '+CPIN: SIM PIN' }), 'locked'],
    ['a SIM that needs its PUK', sessionWith({ 'AT+CPIN?': '+CPIN: SIM PUK' }), 'locked'],
    ['a missing SIM', sessionWith({}, 10), 'no-sim'],
    ['a module without an answer', sessionWith({}), undefined],
    ['a module that searches', sessionWith({ ...READY, 'AT+CEREG?': '+CEREG: 0,2' }), 'no-network'],
    ['a network that refuses', sessionWith({ ...READY, 'AT+CGREG?': '+CGREG: 0,3' }), 'denied'],
    ['a registered module', sessionWith({ ...READY, 'AT+CEREG?': '+CEREG: 0,5' }), undefined],
    ['a module that says nothing of its registration', sessionWith(READY), undefined],
  ];
  for (const [what, session, obstacle] of cases) {
    it(`finds ${obstacle ?? 'nothing'} with ${what}`, async () => {
      const found = await withObstacle(session, failed);
      assert.equal(found.obstacle, obstacle);
      assert.deepEqual([found.code, found.result], [failed.code, failed.result]);
      assert.match(
        found.message,
        obstacle === undefined
          ? /^not opened$/
          : /^[^:]*(SIM|network)[^:]*: .+ \(the module gave result 42\)$/,
      );
    });
  }

  it('queries nothing if the network is not the reason', async () => {
    const locked = sessionWith({ 'AT+CPIN?': '+CPIN: SIM PIN' });
    for (const error of [
      new QfwdError('QFWD_OPEN_FAILED', 'the port is in use', { result: 98 }),
      new QfwdError('QFWD_OPEN_FAILED', 'refused', { result: 111 }),
      new QfwdError('QFWD_OFFLINE', 'gone'),
    ])
      assert.equal(await withObstacle(locked, error), error);
  });
});
