/** A simulated module with the TCP/IP commands, which tests send as text. */
import type { SimulatorOptions } from '../../src/simulator';
import { freePort } from './free-port';
import { connectPeer, tcpServer } from './peers';
import { type Host, lines, start } from './simulator';

export type Options = Partial<SimulatorOptions>;

/** A module whose context 1 is active; it does not echo the data of AT+QISEND. */
export async function activated(options: Options = {}) {
  const started = start({ family: 'tcpip', sendEcho: 'off', ...options });
  await started.host.command('AT+QIACT=1');
  return started;
}

/** Opens a socket, and returns its result. */
export async function open(host: Host, id: number, parameters: string): Promise<number> {
  await host.command(`AT+QIOPEN=1,${id},${parameters}`);
  const urc = await host.until(new RegExp(`\\r\\n\\+QIOPEN: ${id},\\d+\\r\\n`));
  return Number(/,(\d+)\r\n$/.exec(urc)?.[1]);
}

/** Opens a listener; returns its port. */
export async function listen(host: Host, id = 0, mode = 0): Promise<number> {
  const port = await freePort();
  await open(host, id, `"TCP LISTENER","127.0.0.1",0,${port},${mode}`);
  return port;
}

/** A peer connected to listener 0; its connection is 11. */
export async function incoming(options: Options = {}, mode = 0) {
  const started = await activated(options);
  const port = await listen(started.host, 0, mode);
  const peer = await connectPeer(port);
  await started.host.until(/"incoming",\d+,0,[^\r]*\r\n/);
  return { ...started, peer, port };
}

/** A TCP client with connect id 0, and its peer. */
export async function outgoing(options: Options = {}, mode = 0) {
  const started = await activated(options);
  const server = await tcpServer();
  await open(started.host, 0, `"TCP","127.0.0.1",${server.port},0,${mode}`);
  const peer = await server.peers.next();
  return { ...started, peer, port: server.port };
}

/** A UDP service with connect id 0; returns its port. */
export async function serve(host: Host, mode = 0): Promise<number> {
  const port = await freePort();
  await open(host, 0, `"UDP SERVICE","127.0.0.1",0,${port},${mode}`);
  return port;
}

export const urc = (rest: string): string => lines(`+QIURC: ${rest}`);
export const SEND_OK = lines('SEND OK');
export const SEND_FAIL = lines('SEND FAIL');

/** The answer of AT+QIRD. */
export const block = (header: string, data: string): string =>
  `\r\n+QIRD: ${header}\r\n${data}\r\n\r\nOK\r\n`;
