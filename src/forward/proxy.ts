/**
 * An HTTP proxy of this computer (RFC 9110): callers name the host, and the module connects to it. CONNECT opens a tunnel;
 * any other request names its target by an absolute URL with http.
 */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionStream } from '../modem';
import { messageOf } from '../modem/errors';
import { Connected } from './connected';
import type { DialSettings } from './dialer';
import type { ListenSettings } from './listener';
import { LocalPort } from './local-port';
import { addressOf, join } from './near';
import { unreached } from './outward';

export interface ProxySettings extends ListenSettings, DialSettings {
  /** In ms; 0 = none. */
  readonly idleTimeout: number;
}

interface Target {
  readonly host: string;
  readonly port: number;
}

/** Headers for one hop only (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export class Proxy extends LocalPort<ProxySettings> {
  private readonly http = this.newServer();

  protected override accept(near: Socket): void {
    this.http.emit('connection', near);
  }

  private newServer(): Server {
    const http = createServer((asked, answer) => void this.serve(asked, answer));
    http.on(
      'connect',
      (asked: IncomingMessage, near: Socket, head: Buffer) => void this.tunnel(asked, near, head),
    );
    http.on('clientError', (_error, near) => hangUp(near, 400, 'this is no HTTP request'));
    return http;
  }

  private async tunnel({ url = '', socket }: IncomingMessage, near: Socket, head: Buffer): Promise<void> {
    const from = addressOf(socket.remoteAddress, socket.remotePort);
    const target = targetOf(`http://${url}`, 0);
    if (!target) {
      hangUp(near, 400, 'CONNECT needs host:port');
      return;
    }
    const far = await this.dial(near, target).catch((error: unknown) => {
      hangUp(near, 502, messageOf(error));
    });
    if (!far) return;
    near.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (head.length > 0) near.unshift(head);
    join(near, far, this.connected(far, from, target), from);
  }

  private async serve(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = 'GET', url = '', headers, socket } = asked;
    const from = addressOf(socket.remoteAddress, socket.remotePort);
    const target = targetOf(url, 80);
    if (!target) {
      refuse(answer, 400, 'this is a proxy for http:// URLs and CONNECT');
      return;
    }
    const far = await this.dial(socket, target).catch((error: unknown) =>
      refuse(answer, 502, messageOf(error)),
    );
    if (!far) return;
    const connected = this.connected(far, from, target);
    const onward = request({
      createConnection: () => far,
      method,
      path: url.replace(/^http:\/\/[^/?]*/i, '').replace(/^(?!\/)/, '/'),
      headers: { ...forwarded(headers), connection: 'close' },
      setHost: false,
    });
    onward.on('error', () => answer.destroy());
    onward.on('response', (response) => {
      answer.writeHead(response.statusCode ?? 502, response.statusMessage, forwarded(response.headers));
      response.pipe(answer);
      response.on('aborted', () => answer.destroy());
    });
    answer.on('close', () => connected.end(answer.writableFinished ? 'peer' : 'local'));
    asked.pipe(onward);
  }

  private async dial(caller: Socket, { host, port }: Target): Promise<ConnectionStream> {
    try {
      return await this.dialer.dial(caller, host, port);
    } catch (error) {
      const failure = unreached(error, addressOf(host, port));
      if (!caller.destroyed) this.host.observer.onError(failure);
      throw failure;
    }
  }

  private connected(far: ConnectionStream, from: string, { host, port }: Target): Connected {
    return new Connected(this.host, far, this.settings.idleTimeout, 'from', {
      from,
      to: addressOf(host, port),
    });
  }
}

/** The host and port of a URL with http. @param defaultPort 0 = the URL must name it */
function targetOf(text: string, defaultPort: number): Target | undefined {
  if (!/^http:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const { hostname, port } = new URL(text);
  // The parser leaves out the default port of http, even where it was given.
  const given = /^http:\/\/[^/?]*:(\d+)/i.exec(text)?.[1] ?? '';
  const number = Number(port || given) || defaultPort;
  return number > 0 ? { host: hostname.replace(/^\[|\]$/g, ''), port: number } : undefined;
}

function forwarded(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name) && !named.includes(name)),
  );
}

function refuse(answer: ServerResponse, status: number, reason: string): void {
  answer
    .writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
    .end(`${reason}\n`);
}

/** The same for a caller without an answer object. */
function hangUp(caller: Duplex, status: 400 | 502, reason: string): void {
  const body = `${reason}\n`;
  const lines = [
    `HTTP/1.1 ${status} ${status === 400 ? 'Bad Request' : 'Bad Gateway'}`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ];
  caller.end(lines.join('\r\n'), () => caller.destroy());
}
