import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Link, Transport } from '../at';
import { linkOver } from './stream';

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
    open: (events, abandoned) => dial(host, port, (it) => linkOver(it, name, events), abandoned),
  };
}

/** @param use takes the connection over in the very moment that it stands: an error of it is never nobody's */
function dial(
  host: string,
  port: number,
  use: (connection: Duplex) => Link,
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

/** A name may stand for several addresses, each with an error of its own. */
function reasonOf(error: Error): string {
  if (!(error instanceof AggregateError)) return error.message;
  return error.errors.map(String).join(', ');
}
