import type { ModemOptions, SocketFamily } from '../../../src/modem';
import { qfwdFamily } from '../../../src/qfwd';
import type { PortName, SimulatorOptions } from '../../../src/simulator';
import { tcpipFamily } from '../../../src/tcpip';

/** A family of socket commands: a module that has it, and its commands, for tests that run with each family. */
export interface Family {
  readonly name: string;
  readonly commandFamily: SocketFamily;
  readonly simulator: Partial<SimulatorOptions>;
  readonly modem: Partial<ModemOptions>;
  /** Maximum bytes of payload in one command, and of one read. */
  readonly sendLength: number;
  readonly receiveLength: number;
  /** How the response to a read with data begins. */
  readonly readHeader: string;
  /** The option that makes the module send all URCs to this port. */
  reportingTo(port: PortName): Partial<SimulatorOptions>;
  /** Command lines, or how they begin. */
  readonly commands: {
    readonly openServer: string;
    readonly openClient: string;
    readonly listServers: string;
    readonly listClients: string;
    readonly send: string;
    readonly receive: string;
    readonly close: string;
  };
}

export const QFWD: Family = {
  name: 'QFWD',
  commandFamily: qfwdFamily,
  simulator: {},
  modem: {},
  sendLength: 1024,
  receiveLength: 1024,
  readHeader: '+QFWDRECV:',
  // Set when a socket is opened.
  reportingTo: () => ({}),
  commands: {
    openServer: 'AT+QFWDSEVER=0',
    openClient: 'AT+QFWDCLIENT=0',
    listServers: 'AT+QFWDSEVER?',
    listClients: 'AT+QFWDCLIENT?',
    send: 'AT+QFWDSEND=',
    receive: 'AT+QFWDRECV=',
    close: 'AT+QFWDCLOSE=',
  },
};

export const TCPIP: Family = {
  name: 'TCP/IP',
  commandFamily: tcpipFamily,
  simulator: { family: 'tcpip' },
  modem: {},
  sendLength: 1460,
  receiveLength: 1500,
  readHeader: '+QIRD:',
  reportingTo: (urcPort) => ({ urcPort }),
  commands: {
    openServer: 'AT+QIOPEN=1',
    openClient: 'AT+QIOPEN=1',
    listServers: 'AT+QISTATE?',
    listClients: 'AT+QISTATE?',
    send: 'AT+QISEND=',
    receive: 'AT+QIRD=',
    close: 'AT+QICLOSE=',
  },
};

const FAMILIES = [QFWD, TCPIP];

let current = QFWD;

/** The family of the current test. */
export function family(): Family {
  return current;
}

/** A suite that runs once for each family: its rigs and modules have that family by default. */
export function scenario(
  title: string,
  tests: (family: Family) => void,
  families: readonly Family[] = FAMILIES,
): void {
  for (const it of families) {
    describe(`${title} (${it.name})`, () => {
      before(() => (current = it));
      after(() => (current = QFWD));
      tests(it);
    });
  }
}
