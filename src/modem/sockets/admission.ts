import type { Connection } from '../data/connection';
import type { ConnectionTable } from './connection-table';
import type { Declarations } from './declarations';
import type { Declared } from './declared';
import type { SocketCloser } from './socket-closer';

/** Which peers the servers let in, and what becomes of the others: closed before anything of theirs is read. */
export class Admission {
  /** Accepted connections that were turned away and may still be reported. */
  private readonly refused = new Set<number>();

  constructor(
    private readonly table: ConnectionTable,
    private readonly declarations: Declarations,
    private readonly closer: SocketCloser,
  ) {}

  /** Whether a server has room for this peer. @param connection the one that is not to be counted */
  admits(server: Declared, ip: string, connection?: Connection): boolean {
    const others = this.table
      .all()
      .filter((it) => it !== connection && it.serverId === server.claimedId && it.state === 'open');
    return server.admits(ip, others.length);
  }

  /** Whether a connection that somebody's server has accepted is let in. */
  admitsIncoming(server: Declared | undefined, serverId: number, ip: string): boolean {
    if (server) return this.admits(server, ip);
    // A server that is being closed has nobody any more who would say whom it admits.
    return !this.closer.isClosing(serverId);
  }

  /** Closes it. What is reported of it meanwhile is nobody's business. */
  refuse(socketId: number): void {
    this.refused.add(socketId);
    this.closer.close(socketId, () => {
      this.refused.delete(socketId);
      this.table.noteClosed(socketId);
    });
  }

  isRefused(socketId: number): boolean {
    return this.refused.has(socketId);
  }

  /** Whether it is known why there is no such connection. */
  isUnwanted(socketId: number): boolean {
    const [claimant] = this.declarations.claimants(socketId);
    const isTurnedAway =
      claimant?.name === 'server' && claimant.protocol === 'udp' && !admitsNameless(claimant);
    return isTurnedAway || this.refused.has(socketId);
  }
}

/** Peers that share one socket id have no names here, so either all may come or none. */
export function admitsNameless(server: Declared): boolean {
  return server.admits('', 0);
}
