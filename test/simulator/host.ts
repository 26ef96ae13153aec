import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { SimulatedModule, type PortName, type SimulatorOptions } from '../../src/simulator';

const PATIENCE_MS = 8000;
const RESULT = /\r\n(OK|ERROR|\+CME ERROR: [^\r]*)\r\n/;

/** Text read from a stream, awaited by what it says. Bytes are latin1 characters. */
export class Reader {
  #text = '';
  #look: () => void = () => undefined;

  constructor(stream: Duplex) {
    stream.on('data', (bytes: Buffer) => {
      this.#text += bytes.toString('latin1');
      this.#look();
    });
  }

  /** What has come and was not taken yet. */
  get pending(): string {
    return this.#text;
  }

  /** Takes everything up to and including the first match. */
  async until(wanted: RegExp | string): Promise<string> {
    const end = () => {
      if (typeof wanted !== 'string') {
        const match = wanted.exec(this.#text);
        return match ? match.index + match[0].length : -1;
      }
      const at = this.#text.indexOf(wanted);
      return at < 0 ? -1 : at + wanted.length;
    };
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`No ${String(wanted)} in ${JSON.stringify(this.#text)}`)),
        PATIENCE_MS,
      );
      this.#look = () => {
        if (end() < 0) return;
        clearTimeout(timer);
        this.#look = () => undefined;
        resolve();
      };
      this.#look();
    });
    const taken = this.#text.slice(0, end());
    this.#text = this.#text.slice(taken.length);
    return taken;
  }
}

/** A host at an AT port, with echo off. */
export class Host extends Reader {
  constructor(readonly stream: Duplex) {
    super(stream);
  }

  write(bytes: Buffer | string): void {
    this.stream.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Sends a command line; returns its answer with the final result, URCs before it included. */
  async command(line: string): Promise<string> {
    this.write(`${line}\r`);
    return this.until(RESULT);
  }

  /** Sends data; returns what follows the prompt. */
  async send(command: string, body: Buffer | string): Promise<string> {
    this.write(`${command}\r`);
    await this.until('> ');
    this.write(body);
    return this.until(RESULT);
  }

  /** Takes the next URC of a kind; returns its fields. */
  async urc(kind: string): Promise<string[]> {
    const text = await this.until(new RegExp(`\\r\\n\\+QFWDURC: "${kind}",[^\\r]*\\r\\n`));
    return (text.trimEnd().split(`"${kind}",`).at(-1) ?? '').split(',');
  }
}

const running: SimulatedModule[] = [];
const peers = new Set<Socket>();

afterEach(async () => {
  peers.forEach((peer) => peer.destroy());
  peers.clear();
  await Promise.all(running.splice(0).map((module) => module.powerOff()));
});

/** A module and a host at one of its ports; both are gone after the test. */
export function start(options: Partial<SimulatorOptions> = {}, port?: PortName) {
  const module = new SimulatedModule({ echo: false, ...options });
  running.push(module);
  return { module, host: new Host(module.attach(port)) };
}

/** A TCP port nobody listens on. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  const server = createServer().listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Opens a TCP server with socket id 1; returns its port. */
export async function openServer(host: Host, idleTimeout = 60): Promise<number> {
  const port = await freePort();
  await host.command(`AT+QFWDSEVER=0,1,"IP","tcp",${port},5,${idleTimeout},"usbat"`);
  await host.urc('server/open');
  return port;
}

/** A peer on TCP. */
export class Peer extends Reader {
  /** The other side has ended. */
  readonly ended: Promise<void>;
  readonly closed: Promise<void>;

  constructor(readonly socket: Socket) {
    super(socket);
    peers.add(socket);
    socket.on('error', () => undefined);
    this.ended = new Promise((resolve) => socket.once('end', resolve));
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }
}

export async function connectPeer(port: number, address = '127.0.0.1'): Promise<Peer> {
  const socket = connect({ port, host: address, allowHalfOpen: true });
  const peer = new Peer(socket);
  await once(socket, 'connect');
  return peer;
}

/** A peer connected to a fresh server 1; its connection has id 2. */
export async function connected(options: Partial<SimulatorOptions> = {}) {
  const { module, host } = start(options);
  const port = await openServer(host);
  const peer = await connectPeer(port);
  await host.urc('client/incoming');
  return { module, host, peer, port };
}

/** Answers, written the way the manual prints them. */
export const lines = (...texts: string[]): string => texts.map((text) => `\r\n${text}\r\n`).join('');
export const OK = lines('OK');
export const ERROR = lines('ERROR');
