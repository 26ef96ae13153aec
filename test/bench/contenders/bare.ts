import { SerialPort } from 'serialport';
import { type Contender, Inbound } from './contender';

const SERVER_ID = 60_000;
const READ = 1024;
const OK = '\r\nOK\r\n';
const CTRL_Z = Buffer.from([0x1a]);

/**
 * The least that a program over `serialport` can do: it writes a command, collects bytes until the text that it knows will come, and
 * writes the next. One exchange at a time, no errors, no time-outs.
 */
export class BareContender implements Contender {
  readonly inbound = new Inbound();
  private readonly answer = Buffer.alloc(1 << 16);
  private length = 0;
  private ending = '';
  private done: (() => void) | undefined;
  private port: SerialPort | undefined;
  /** The exchange under way; the next waits for it. */
  private last: Promise<unknown> = Promise.resolve();

  async open(tty: string, port: number): Promise<void> {
    const serial = new SerialPort({ path: tty, baudRate: 115_200, autoOpen: false });
    this.port = serial;
    await new Promise<void>((resolve, reject) => serial.open((error) => (error ? reject(error) : resolve())));
    serial.on('data', (chunk: Buffer) => this.collect(chunk));
    await this.exchange('ATE0\r', OK);
    await this.exchange(
      `AT+QFWDSEVER=0,${SERVER_ID},"IP","tcp",${port},10,3600,"usbat"\r`,
      '"server/open",60000,0\r\n',
    );
  }

  send(socketId: number, data: Buffer, isHostile: boolean): Promise<unknown> {
    const text = isHostile ? Buffer.from(data.toString('hex').toUpperCase(), 'latin1') : data;
    const body = Buffer.concat([text, CTRL_Z]);
    return (this.last = this.last.then(async () => {
      await this.exchange(`AT+QFWDSEND=${socketId},${isHostile ? 1 : 0}\r`, '> ');
      await this.exchange(body, OK);
    }));
  }

  private exchange(bytes: string | Buffer, ending: string): Promise<void> {
    this.length = 0;
    this.ending = ending;
    return new Promise((resolve) => {
      this.done = resolve;
      this.port?.write(bytes);
    });
  }

  private collect(chunk: Buffer): void {
    const from = Math.max(0, this.length - this.ending.length + 1);
    chunk.copy(this.answer, this.length);
    this.length += chunk.length;
    if (this.done) {
      if (this.answer.subarray(from, this.length).indexOf(this.ending, 0, 'latin1') < 0) return;
      const { done } = this;
      this.done = undefined;
      done();
      return;
    }
    const socketId = /"client\/read",(\d+)\r/.exec(this.text())?.[1];
    if (socketId !== undefined) void this.drain(socketId);
  }

  private text(): string {
    return this.answer.toString('latin1', 0, this.length);
  }

  private async drain(socketId: string): Promise<void> {
    const full = `\r\n+QFWDRECV: ${socketId},${READ}\r\n\r\n${OK}`.length + READ;
    for (;;) {
      await this.exchange(`AT+QFWDRECV=${socketId},${READ}\r`, OK);
      if (this.length === full) {
        this.inbound.add(READ);
        continue;
      }
      // The end of the data, or news in between.
      const text = this.text();
      const bytes = Number(/\+QFWDRECV: \d+,(\d+)/.exec(text)?.[1]);
      this.inbound.add(bytes);
      if (bytes < READ && !text.includes('client/read')) break;
    }
    this.length = 0;
  }
}
