/** A simulated module, to which tests send commands as text. */
import type { Duplex } from 'node:stream';

import { SimulatedModule, type PortName, type SimulatorOptions } from '../../src/simulator';
import { defer } from './cleanup';
import { freePort } from './free-port';
import { connectPeer } from './peers';
import { Reader } from './reader';
import { virtualClock } from './virtual-clock';

const RESULT = /\r\n(OK|ERROR|\+CME ERROR: [^\r]*|SEND OK|SEND FAIL)\r\n/;

/** A host at an AT port, with echo off. */
export class Host extends Reader {
  constructor(readonly stream: Duplex) {
    super(stream);
  }

  write(bytes: Buffer | string): void {
    this.stream.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Sends a command line; returns the response with its final result code, including URCs before it. */
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

/** A module and a host at one of its ports, at virtual time, stopped after the test. */
export function start(options: Partial<SimulatorOptions> = {}, port?: PortName) {
  const clock = virtualClock();
  const module = new SimulatedModule({ echo: false, ...options });
  defer(() => module.powerOff());
  return { clock, module, host: new Host(module.attach(port)) };
}

/** Opens a TCP server with socket id 1; returns its port. */
export async function openServer(host: Host, idleTimeout = 60): Promise<number> {
  const port = await freePort();
  await host.command(`AT+QFWDSEVER=0,1,"IP","tcp",${port},5,${idleTimeout},"usbat"`);
  await host.urc('server/open');
  return port;
}

/** A peer connected to a fresh server 1; its connection has id 2. */
export async function connected(options: Partial<SimulatorOptions> = {}) {
  const { clock, module, host } = start(options);
  const port = await openServer(host);
  const peer = await connectPeer(port);
  await host.urc('client/incoming');
  return { clock, module, host, peer, port };
}

/** Responses, formatted as in the manual. */
export const lines = (...texts: string[]): string => texts.map((text) => `\r\n${text}\r\n`).join('');
export const OK = lines('OK');
export const ERROR = lines('ERROR');
