/**
 * Connections that the module has opened for streams. They end with the process, but the module keeps them open. With ids of
 * its own, the driver recognizes them; otherwise they are noted while they are open, so that the next process can close them.
 */
import { isIP } from 'node:net';
import { canonicalAddress, type ListedSocket, type SocketList } from '../../sockets';
import type { Kept } from '../link/kept';

/** A connection as it was opened. */
export interface StreamSocket {
  readonly socketId: number;
  readonly host: string;
  readonly port: number;
}

export function areStreamSockets(value: unknown): value is readonly StreamSocket[] {
  return Array.isArray(value) && value.every(isStreamSocket);
}

function isStreamSocket(value: unknown): boolean {
  const { host, port, socketId } = Object(value) as Partial<StreamSocket>;
  return typeof host === 'string' && Number.isInteger(port) && Number.isInteger(socketId);
}

export class LeftBehind {
  /** Of the one before. */
  private left: readonly StreamSocket[];
  private readonly open = new Map<string, StreamSocket>();

  constructor(private readonly kept: Kept<readonly StreamSocket[]> = { value: undefined }) {
    this.left = kept.value ?? [];
  }

  /** Before it is opened. */
  note(owner: string, socket: StreamSocket): void {
    this.left = this.left.filter(({ socketId }) => socketId !== socket.socketId);
    this.open.set(owner, socket);
    this.save();
  }

  /** It is over, or left to its owner. */
  forget(owner: string): void {
    if (this.open.delete(owner)) this.save();
  }

  /** Those that the one before has left open, as listed: each once. */
  take({ sockets, occupied }: SocketList): number[] {
    if (this.left.length === 0) return [];
    const found = this.left.filter((socket) => isListedAs(socket, sockets.get(socket.socketId)));
    // One that is still being opened is listed later.
    this.left = this.left.filter(({ socketId }) => occupied?.has(socketId) === true);
    this.save();
    return found.map(({ socketId }) => socketId);
  }

  private save(): void {
    this.kept.value = [...this.left, ...this.open.values()];
  }
}

/** The id was never given back, so only this socket can have it, unless somebody else has closed it. */
function isListedAs({ host, port }: StreamSocket, listed: ListedSocket | undefined): boolean {
  if (listed?.direction !== 'active' || listed.protocol !== 'tcp' || listed.ends.port !== port) return false;
  const { ip } = listed.ends;
  // The module lists a host name as one of its addresses.
  return isIP(host) === 0 || isIP(ip) === 0 || canonicalAddress(ip) === canonicalAddress(host);
}
