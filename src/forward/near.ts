/** The side of this computer: sockets of its network. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Clock, within } from '../at';
import { type ConnectionStream, QfwdError } from '../modem';
import type { Connected } from './connected';

/** How long a host may take to accept a connection, in ms. */
const CONNECT_TIME = 10_000;

const MEANINGS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there',
  EADDRNOTAVAIL: 'this computer has no such address',
  EACCES: 'this needs more rights',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name of the host cannot be looked up',
  ETIMEDOUT: 'no answer in time',
};

/** What an error of the operating system means. */
export function meaningOf({ code = '', message }: Error & { code?: string }): string {
  return MEANINGS[code] ?? message;
}

export function addressOf(ip = '', port = 0): string {
  return `${ip.includes(':') ? `[${ip}]` : ip}:${port}`;
}

/** Connects to a host as seen from this computer. @throws {QfwdError} `QFWD_OPEN_FAILED` */
export async function connectNear(clock: Clock, host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
  try {
    if (await within(clock, CONNECT_TIME, once(socket, 'connect'))) return socket;
  } catch (error) {
    throw unreachable(host, port, meaningOf(error as Error));
  }
  socket.destroy();
  throw unreachable(host, port, 'no answer in time');
}

function unreachable(host: string, port: number, reason: string): QfwdError {
  return new QfwdError('QFWD_OPEN_FAILED', `${reason}: ${addressOf(host, port)} cannot be reached`);
}

/**
 * Passes everything on between both ends. The end of one is passed on; when one fails or is closed, so is the other.
 * @param name of the near end, for errors
 */
export function join(near: Socket, far: ConnectionStream, connected: Connected, name: string): void {
  near.pipe(far).pipe(near);
  near.once('end', () => connected.note('local'));
  near.once('error', (error) => {
    connected.fail(new QfwdError('QFWD_CLOSED', `${meaningOf(error)}: ${name} has ended the connection`));
    // What it had sent before its end is delivered.
    if (near.readableEnded) far.unpipe(near).resume();
    else far.destroy();
  });
  near.once('close', () => {
    if (!far.writableEnded) far.destroy();
  });
  far.once('close', () => {
    if (far.errored && !far.readableEnded) near.resetAndDestroy();
    else if (far.errored) near.destroySoon();
    else if (!near.writableEnded) near.destroy();
  });
}
