import assert from 'node:assert/strict';

import { systemClock } from '../../src/at';
import { check } from '../../src/check/check';
import { FAMILIES } from '../../src/families';
import { type PortName, SimulatedModule, type SimulatorOptions } from '../../src/simulator';
import { inProcessTransport } from '../../src/transport';

/** The settings of the module at a port, as it shows them. */
async function settingsOf(module: SimulatedModule, port?: PortName): Promise<string[]> {
  const host = module.attach(port);
  let said = '';
  host.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const queries = [
    'AT+CMEE?',
    'AT+CSDH?',
    'AT+QISDE?',
    'AT+QICFG="viewmode"',
    'AT+QICFG="tcp/accept"',
    'AT+QIACT?',
  ];
  for (const query of queries) {
    const before = said.length;
    host.write(`${query}\r`);
    while (!/(OK|ERROR.*)\r\n$/.test(said.slice(before))) await new Promise(setImmediate);
  }
  host.destroy();
  return said.split(/[\r\n]+/);
}

async function write(module: SimulatedModule, lines: readonly string[], port?: PortName): Promise<void> {
  const host = module.attach(port);
  let said = '';
  host.on('data', (bytes: Buffer) => (said += bytes.toString()));
  for (const line of lines) host.write(`${line}\r`);
  while ((said.match(/(OK|ERROR.*)\r\n/g) ?? []).length < lines.length) await new Promise(setImmediate);
  host.destroy();
}

describe('A check leaves the settings of the module as they were', () => {
  const cases: [what: string, options: Partial<SimulatorOptions>, settings: string[], isEnded: boolean][] = [
    ['with echo', { family: 'qfwd' }, ['AT+CMEE=2'], false],
    ['without echo', { family: 'qfwd' }, ['ATE0', 'AT+CMEE=0'], false],
    ['with the TCP/IP commands', { family: 'tcpip' }, ['AT+CMEE=2', 'AT+QICFG="viewmode",1'], false],
    ['with an active PDP context', { family: 'tcpip' }, ['AT+QISDE=0', 'AT+QIACT=1'], false],
    ['when it is ended early', { family: 'tcpip' }, ['AT+CMEE=2', 'AT+QICFG="viewmode",1'], true],
  ];
  for (const [what, options, settings, isEnded] of cases) {
    it(what, async () => {
      const module = new SimulatedModule(options);
      const ports = ['usbat', 'usbmodem'] as const;
      for (const port of ports) await write(module, settings, port);
      const all = async () => Promise.all(ports.map((port) => settingsOf(module, port)));
      const before = await all();
      const ending = new AbortController();
      const families = FAMILIES.filter(({ name }) => name === options.family);
      if (isEnded) module.on('command', (line) => line.startsWith('AT+QISEND=') && ending.abort());
      await check({
        transport: inProcessTransport('a module', () => module.attach()),
        secondTransport: inProcessTransport('its modem port', () => module.attach('usbmodem')),
        families,
        listensTo: undefined,
        sockets: true,
        clock: systemClock,
        progress: () => undefined,
        signal: ending.signal,
      });
      assert.equal(ending.signal.aborted, isEnded);
      assert.ok(module.commands.includes('AT+CMEE=1'));
      assert.deepEqual(await all(), before);
      await module.powerOff();
    });
  }
});
