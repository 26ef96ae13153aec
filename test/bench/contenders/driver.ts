import { systemClock, type Transport } from '../../../src/at';
import { AllowList, type Consumer, Modem } from '../../../src/modem';
import { qfwdFamily } from '../../../src/qfwd';
import { tcpipFamily } from '../../../src/tcpip';
import { serialTransport } from '../../../src/transport';
import { type Contender, type FamilyName, Inbound } from './contender';

const TIMEOUT = 600_000;

const transportTo = (path: string): Transport => serialTransport({ path, baudRate: 115_200, rtscts: false });

/** This driver with a program of a few lines around it. */
export class DriverContender implements Contender {
  readonly inbound = new Inbound();
  private modem: Modem | undefined;

  constructor(private readonly family: FamilyName) {}

  async open(tty: string, port: number, second?: string): Promise<void> {
    const modem = newModem(tty, second, this.family);
    this.modem = modem;
    const consumer: Consumer = {
      mode: 'auto',
      covers: () => true,
      isPaused: () => false,
      take: ({ socketId }, data) => this.inbound.add(data.length, socketId),
      end: () => undefined,
      miss: (_connection, error) => {
        throw error;
      },
    };
    modem.addConsumer(consumer);
    await new Promise<void>((resolve, reject) => {
      modem.endpoints.declareServer(
        'bench',
        {
          pdpCid: 0,
          ipVersion: 'IP',
          protocol: 'tcp',
          port,
          backlog: 10,
          idleTimeout: 3600,
          urcPort: 'usbat',
          allow: new AllowList(),
          maxClients: 0,
        },
        true,
        {
          onEvent: ({ event }) => event === 'server/open' && resolve(),
          onState: () => undefined,
          onError: reject,
        },
      );
      modem.start();
    });
  }

  async calibrate(): Promise<void> {
    await this.modem?.calibrate();
  }

  send(socketId: number, data: Buffer): Promise<unknown> {
    if (!this.modem) throw new Error('open first');
    return this.modem.send(socketId, data, TIMEOUT);
  }
}

/** Its AT ports are ttys. */
export function newModem(tty: string, second?: string, family: FamilyName = 'qfwd'): Modem {
  return new Modem(
    {
      dialect: 'auto',
      init: [],
      waitForNetwork: false,
      commandTimeout: 5000,
      openTimeout: 30_000,
      payloadMode: 'auto',
      urcPort: 'usbat',
      pdpCid: 0,
      queueLimit: 1 << 20,
      parallel: second !== undefined,
    },
    {
      transport: transportTo(tty),
      secondTransport: second === undefined ? undefined : transportTo(second),
      families: [family === 'qfwd' ? qfwdFamily : tcpipFamily],
      clock: systemClock,
      random: () => Math.random(),
    },
  );
}
