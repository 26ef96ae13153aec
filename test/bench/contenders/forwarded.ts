import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type ForwardHost, type ForwardObserver, Inward, Outward } from '../../../src/forward';
import { AllowList } from '../../../src/modem';
import { freePort } from '../../support/free-port';
import { type Contender, Inbound } from './contender';
import { newModem } from './driver';

const HOST = '127.0.0.1';
const COMMON = {
  host: HOST,
  ipVersion: 'IP',
  pdpCid: 0,
  urcPort: 'usbat',
  allow: new AllowList(),
  maxClients: 0,
  idleTimeout: 0,
} as const;

/** A port that this driver forwards, with one connection. */
export class ForwardedContender implements Contender {
  readonly inbound = new Inbound();
  private socket: Socket | undefined;

  constructor(private readonly mode: 'inward' | 'outward') {}

  async open(tty: string, port: number): Promise<void> {
    const modem = newModem(tty);
    const opened = new Promise<void>((resolve, reject) => {
      const observer: ForwardObserver = {
        onEvent: ({ event }) => event === 'server/open' && resolve(),
        onState: () => undefined,
        onError: reject,
      };
      void this.forward({ modem, owner: 'bench', observer }, port);
    });
    modem.start();
    await opened;
    if (this.mode === 'outward') this.use(connect(this.listenPort, HOST));
  }

  async send(_socketId: number, data: Buffer): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.socket?.write(data, (error) => (error ? reject(error) : resolve()));
    });
  }

  private listenPort = 0;

  private async forward(host: ForwardHost, port: number): Promise<void> {
    if (this.mode === 'outward') {
      this.listenPort = await freePort();
      new Outward(host, { ...COMMON, port, listenHost: HOST, listenPort: this.listenPort }, true);
      return;
    }
    const target = createServer((socket) => this.use(socket)).listen(0, HOST);
    await once(target, 'listening');
    new Inward(host, { ...COMMON, port: (target.address() as AddressInfo).port, listenPort: port }, true);
  }

  private use(socket: Socket): void {
    this.socket = socket.setNoDelay(true);
    socket.on('data', ({ length }) => this.inbound.add(length));
  }
}
