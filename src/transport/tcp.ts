import { connect, type Socket } from 'node:net';
import type { Link, LinkEvents, Transport } from '../at';
import { linkOver } from './stream';
import { TelnetDetector } from './telnet';

export interface TcpOptions {
  readonly host: string;
  readonly port: number;
}

const CONNECT_TIMEOUT = 10_000;

/** An AT port behind a raw TCP serial server, such as ser2net. */
export function tcpTransport({ host, port }: TcpOptions): Transport {
  const name = `tcp ${host}:${port}`;
  return {
    name,
    open: (events, abandoned) =>
      dial(host, port, (it) => linkOver(it, name, refusingTelnet(it, name, events)), abandoned),
  };
}

/** @param use takes over the connection synchronously when it is established, so that no error event is unhandled */
function dial(
  host: string,
  port: number,
  use: (connection: Socket) => Link,
  abandoned: AbortSignal | undefined,
): Promise<Link> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 10_000,
      ...(abandoned && { signal: abandoned }),
    });
    const fail = (error: Error): void => {
      socket.destroy();
      reject(new Error(`${host}:${port} cannot be reached: ${reasonOf(error)}`));
    };
    socket.setTimeout(CONNECT_TIMEOUT, () => fail(new Error('no answer')));
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.off('error', fail);
      resolve(use(socket));
    });
  });
}

/** A host name may resolve to several addresses, each with its own error. */
function reasonOf(error: Error): string {
  if (!(error instanceof AggregateError)) return error.message;
  return error.errors.map(String).join(', ');
}

/** Telnet changes bytes, so a server that speaks it is of no use. */
function refusingTelnet(socket: Socket, name: string, events: LinkEvents): LinkEvents {
  const telnet = new TelnetDetector();
  return {
    data: (chunk) => {
      if (!telnet.push(chunk)) return events.data(chunk);
      socket.destroy(new Error(`${name} speaks Telnet, which changes data: set the serial server to raw`));
    },
    closed: (reason) => events.closed(reason),
  };
}
