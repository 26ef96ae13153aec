import { SerialPort } from 'serialport';
import { type Contender, type FamilyName, Inbound } from './contender';

const OK = '\r\nOK\r\n';
const CTRL_Z = Buffer.from([0x1a]);

interface Words {
  /** Opens a TCP server; `opened` reports it. */
  open(port: number): string;
  readonly opened: string;
  /** Reports unread data. */
  readonly announced: RegExp;
  readonly readLength: number;
  read(socketId: string): string;
  /** The header of so much data, of which the length is the last number. */
  header(socketId: string, length: number): string;
  send(socketId: number, body: Buffer, isHex: boolean): string;
  body(text: Buffer): Buffer;
  readonly sent: string;
}

const WORDS: Record<FamilyName, Words> = {
  qfwd: {
    open: (port) => `AT+QFWDSEVER=0,60000,"IP","tcp",${port},10,3600,"usbat"`,
    opened: '"server/open",60000,0\r\n',
    announced: /"client\/read",(\d+)\r/,
    readLength: 1024,
    read: (socketId) => `AT+QFWDRECV=${socketId},1024`,
    header: (socketId, length) => `+QFWDRECV: ${socketId},${length}`,
    send: (socketId, _body, isHex) => `AT+QFWDSEND=${socketId},${isHex ? 1 : 0}`,
    body: (text) => Buffer.concat([text, CTRL_Z]),
    sent: OK,
  },
  tcpip: {
    open: (port) => `AT+QIOPEN=1,0,"TCP LISTENER","127.0.0.1",0,${port},0`,
    opened: '+QIOPEN: 0,0\r\n',
    announced: /\+QIURC: "recv",(\d+)\r/,
    readLength: 1500,
    read: (socketId) => `AT+QIRD=${socketId},1500`,
    header: (_socketId, length) => `+QIRD: ${length}`,
    send: (socketId, body) => `AT+QISEND=${socketId},${body.length}`,
    body: (text) => text,
    sent: '\r\nSEND OK\r\n',
  },
};

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
  private readonly words: Words;

  constructor(private readonly family: FamilyName) {
    this.words = WORDS[family];
  }

  async open(tty: string, port: number): Promise<void> {
    const serial = new SerialPort({ path: tty, baudRate: 115_200, autoOpen: false });
    this.port = serial;
    await new Promise<void>((resolve, reject) => serial.open((error) => (error ? reject(error) : resolve())));
    serial.on('data', (chunk: Buffer) => this.collect(chunk));
    await this.exchange('ATE0\r', OK);
    if (this.family === 'tcpip') await this.exchange('AT+QIACT=1\r', OK);
    await this.exchange(`${this.words.open(port)}\r`, this.words.opened);
  }

  send(socketId: number, data: Buffer, isHostile: boolean): Promise<unknown> {
    const text = isHostile ? Buffer.from(data.toString('hex').toUpperCase(), 'latin1') : data;
    const { words } = this;
    return (this.last = this.last.then(async () => {
      await this.exchange(`${words.send(socketId, text, isHostile)}\r`, '> ');
      await this.exchange(words.body(text), words.sent);
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
    const socketId = this.words.announced.exec(this.text())?.[1];
    if (socketId !== undefined) void this.drain(socketId);
  }

  private text(): string {
    return this.answer.toString('latin1', 0, this.length);
  }

  private async drain(socketId: string): Promise<void> {
    const { words } = this;
    const { readLength, announced } = words;
    const full = `\r\n${words.header(socketId, readLength)}\r\n\r\n${OK}`.length + readLength;
    for (;;) {
      await this.exchange(`${words.read(socketId)}\r`, OK);
      if (this.length === full) {
        this.inbound.add(readLength);
        continue;
      }
      // The end of the data, or news in between.
      const text = this.text();
      const bytes = Number(/\+Q(?:FWDRECV: \d+,|IRD: )(\d+)/.exec(text)?.[1]);
      this.inbound.add(bytes);
      if (bytes < readLength && !announced.test(text)) break;
    }
    this.length = 0;
  }
}
