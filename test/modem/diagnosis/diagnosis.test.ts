import assert from 'node:assert/strict';

import { QfwdError } from '../../../src/modem';
import { diagnose, type Patient } from '../../../src/modem/diagnosis/diagnosis';
import { ANOTHER } from '../../../src/modem/link/listener';
import { qfwdFamily } from '../../../src/qfwd';
import { describeDialect, MANUAL } from '../../../src/qfwd/dialect';
import { tcpipFamily } from '../../../src/tcpip';

const HEALTHY: Readonly<Record<string, readonly string[]>> = {
  AT: [],
  'AT+CGMM': ['EC25'],
  'AT+CGMR': ['EC25EFAR06A03M4G'],
  'AT+CGSN': ['861107030000017'],
  'AT+CPIN?': ['+CPIN: READY'],
  'AT+QCCID': ['+QCCID: 89860000000000000017'],
  'AT+CSQ': ['+CSQ: 20,99'],
  'AT+CEREG?': ['+CEREG: 0,1'],
  'AT+COPS?': ['+COPS: 0,0,"Telekom",7'],
  'AT+QURCCFG="urcport"': ['+QURCCFG: "urcport","usbat"'],
};

const rejected = new QfwdError('QFWD_REJECTED', 'ERROR', { cme: 10 });

/** A healthy modem, except for these responses; a command without a response is rejected. */
function patient(
  state: Partial<Patient> = {},
  answers: Record<string, readonly string[] | undefined> = {},
): Patient {
  return {
    portName: '/dev/ttyUSB2',
    state: 'ready',
    reason: undefined,
    garbledInARow: 0,
    dialect: describeDialect(MANUAL),
    families: [qfwdFamily],
    urcPort: 'usbat',
    listensTo: ['usbat'],
    lists: ['QFWDSEVER?', 'QFWDCLIENT?'],
    needsNetwork: false,
    ask: (command) => {
      const lines = { ...HEALTHY, ...answers }[command];
      return lines ? Promise.resolve({ command, lines, result: 'OK' }) : Promise.reject(rejected);
    },
    countSockets: () => Promise.resolve({ servers: 1, sockets: 2 }),
    endpoints: () => [{ state: 'open' }, { state: 'closed' }],
    ...state,
  };
}

describe('The diagnosis', () => {
  it('finds nothing wrong with a healthy modem, and shows no IMEI or ICCID', async () => {
    const findings = await diagnose(patient());
    assert.deepEqual(
      findings.map(({ step, verdict, value }) => `${step} ${verdict}: ${value}`),
      [
        'port ok: /dev/ttyUSB2',
        'at ok: OK',
        'identity ok: EC25 · EC25EFAR06A03M4G · IMEI …0017',
        'sim ok: READY · ICCID …0017',
        'signal ok: -73 dBm',
        'registration ok: Telekom · CEREG 1',
        'qfwd ok: QFWDSEVER, QFWDSTATE, QFWDCLOSE, QFWDRECV · manual',
        'urc ok: QFWD usbat, RDY usbat',
        'sockets ok: 1/1 · QFWDSEVER? 1 · QFWDCLIENT? 2',
      ],
    );
    assert.ok(findings.every(({ remedy }) => remedy === undefined));
  });

  it('names what the commands in use are like', async () => {
    const findings = await diagnose(
      patient({ dialect: 'TCP/IP (AT+QIOPEN)', urcPort: undefined, lists: ['QISTATE?'] }),
    );
    const values = Object.fromEntries(findings.map(({ step, value }) => [step, value]));
    assert.equal(values.urc, 'usbat');
    assert.equal(values.sockets, '1/1 · QISTATE? 3');
  });

  it('names all commands that the module does not have', async () => {
    const families = [qfwdFamily, tcpipFamily];
    const found = (await diagnose(patient({ dialect: undefined, families }))).find(
      ({ step }) => step === 'qfwd',
    );
    assert.equal(found?.value, 'AT+QFWDSEVER=?, AT+QFWDSERVER=?, AT+QIOPEN=?: ERROR');
  });

  it('checks the second port, if there is one', async () => {
    const findings = await diagnose(
      patient({ second: { name: '/dev/ttyUSB3', isOpen: true, reason: undefined } }),
    );
    assert.deepEqual(findings[1], { step: 'second', verdict: 'ok', value: '/dev/ttyUSB3' });
  });

  const offline = (message: string): Partial<Patient> => ({ state: 'offline', reason: new Error(message) });
  const second = (reason?: string): Partial<Patient> => ({
    second: {
      name: '/dev/ttyUSB3',
      isOpen: false,
      reason: reason === undefined ? undefined : new Error(reason),
    },
  });
  const silent = (): Promise<never> =>
    Promise.reject(new QfwdError('QFWD_TIMEOUT', 'no answer to AT in time'));
  const network = { needsNetwork: true };
  const cases: [what: string, patient: Patient, expected: string][] = [
    ['a port that is being opened', patient({ state: 'connecting' }), 'port fail portOpening'],
    ['a locked port', patient(offline('port in use by another program: …')), 'port fail portLocked'],
    ['a forbidden port', patient(offline('no permission for the port …')), 'port fail portPermission'],
    ['a missing port', patient(offline('no such port: …')), 'port fail portMissing'],
    ['an unreachable server', patient(offline('h:1 cannot be reached: …')), 'port fail portUnreachable'],
    ['a port of which little is known', patient(offline('EIO')), 'port fail portOther'],
    ['a module that falls silent', patient(offline('the module does not answer')), 'port fail silent'],
    ['a port that was given up', patient(offline('the answers … are garbled')), 'port fail garbled'],
    ['a second port that is busy', patient(second('Cannot lock port')), 'second warn portLocked'],
    ['a second port of another module', patient(second(ANOTHER)), 'second warn portForeign'],
    ['a second port that is being opened', patient(second()), 'second warn portOpening'],
    ['garbled answers', patient({ garbledInARow: 2 }), 'at warn garbled'],
    ['a silent module', patient({ ask: silent }), 'at fail silent'],
    ['another module', patient({}, { 'AT+CGMM': ['SIM7600'] }), 'identity warn otherModule'],
    ['no SIM', patient({}, { 'AT+CPIN?': undefined }), 'sim warn simNone'],
    ['no SIM, which is needed', patient(network, { 'AT+CPIN?': undefined }), 'sim fail simNone'],
    ['a SIM without its PIN', patient({}, { 'AT+CPIN?': ['+CPIN: SIM PIN'] }), 'sim warn simPin'],
    ['a locked SIM', patient(network, { 'AT+CPIN?': ['+CPIN: SIM PUK'] }), 'sim fail simPuk'],
    ['no signal', patient({}, { 'AT+CSQ': ['+CSQ: 99,99'] }), 'signal warn signalNone'],
    ['a weak signal', patient({}, { 'AT+CSQ': ['+CSQ: 5,99'] }), 'signal warn signalWeak'],
    [
      'a search for a network',
      patient(network, { 'AT+CEREG?': ['+CEREG: 0,2'] }),
      'registration fail registrationNone',
    ],
    [
      'a denied registration',
      patient({}, { 'AT+CEREG?': ['+CEREG: 0,3'] }),
      'registration warn registrationDenied',
    ],
    ['firmware without socket commands', patient({ dialect: undefined }), 'qfwd fail qfwdMissing'],
    [
      'a modem that is still starting',
      patient({ dialect: undefined }, { 'AT+QFWDSEVER=?': [] }),
      'qfwd warn qfwdStarting',
    ],
    ['reports to another port', patient({ urcPort: 'uart1' }), 'urc fail urcSockets'],
    [
      'restarts told to another port',
      patient({}, { 'AT+QURCCFG="urcport"': ['+QURCCFG: "urcport","uart1"'] }),
      'urc warn urcModule',
    ],
    [
      'reports of a module with one port for all to another port',
      patient({ urcPort: undefined }, { 'AT+QURCCFG="urcport"': ['+QURCCFG: "urcport","uart1"'] }),
      'urc fail urcAll',
    ],
    [
      'a server that is not open',
      patient({ endpoints: () => [{ state: 'waiting' }, { state: 'open' }] }),
      'sockets warn socketsMissing',
    ],
  ];
  for (const [what, sick, expected] of cases) {
    it(`names a remedy for ${what}`, async () => {
      const wrong = (await diagnose(sick)).filter(({ remedy }) => remedy !== undefined);
      assert.deepEqual(
        wrong.map(({ step, verdict, remedy }) => `${step} ${verdict} ${remedy}`),
        [expected],
      );
    });
  }

  it('uses the last line about a SIM, which may just have become ready', async () => {
    const findings = await diagnose(patient({}, { 'AT+CPIN?': ['+CPIN: NOT READY', '+CPIN: READY'] }));
    assert.equal(findings.find(({ step }) => step === 'sim')?.verdict, 'ok');
  });

  it('finds the name of the module even if the firmware repeats the command before it', async () => {
    const findings = await diagnose(patient({}, { 'AT+CGMM': ['+CGMM: EC25'] }));
    assert.match(findings.find(({ step }) => step === 'identity')!.value, /^EC25 · EC25EFAR06A03M4G · /);
  });

  it('accepts a registration in any of the three kinds of networks', async () => {
    const findings = await diagnose(
      patient({}, { 'AT+CEREG?': ['+CEREG: 0,2'], 'AT+CGREG?': ['+CREG: 5', '+CGREG: 2,5,"1A2B","01",7'] }),
    );
    assert.equal(findings.find(({ step }) => step === 'registration')?.value, 'Telekom · CGREG 5');
  });

  it('asks a module that does not answer nothing more', async () => {
    const asked: string[] = [];
    const findings = await diagnose(patient({ ask: (command) => (asked.push(command), silent()) }));
    assert.deepEqual(asked, ['AT']);
    assert.ok(findings.slice(2).every(({ verdict }) => verdict === 'skip'));
  });

  it('asks nothing more once the module is lost', async () => {
    const lost = () => Promise.reject(new QfwdError('QFWD_OFFLINE', 'the modem was lost'));
    const healthy = patient();
    const findings = await diagnose(
      patient({ ask: (command) => (command === 'AT+CPIN?' ? lost() : healthy.ask(command)) }),
    );
    const verdicts = findings.map(({ verdict }) => verdict);
    assert.deepEqual(verdicts, ['ok', 'ok', 'ok', 'fail', 'skip', 'skip', 'skip', 'skip', 'skip']);
  });

  it('reports that the module was lost during it', async () => {
    const healthy = patient();
    const findings = await diagnose(
      patient({ ask: (command) => (command === 'AT+CSQ' ? silent() : healthy.ask(command)) }),
    );
    const { verdict, remedy } = findings.find(({ step }) => step === 'signal')!;
    assert.deepEqual({ verdict, remedy }, { verdict: 'fail', remedy: 'lost' });
  });
});
