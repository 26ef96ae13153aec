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

  /** Whether a server takes this peer, and has room for it. @param connection the one that is not to be counted */
  admits(server: Declared, ip: string, connection?: Connection): boolean {
    const open = server.claimedId === undefined ? 0 : this.table.countOpen(server.claimedId);
    const isCounted = connection?.state === 'open' && connection.serverId === server.claimedId;
    return server.admits(ip, isCounted ? open - 1 : open);
  }

  /** Whether a connection that somebody's server has accepted is let in. */
  admitsIncoming(server: Declared | undefined, serverId: number, ip: string): boolean {
    if (server) return this.admits(server, ip);
    // A server that is being closed has nobody any more who would say whom it admits.
    return this.closer.closing(serverId) === undefined;
  }

  /** Closes it. What is reported of it meanwhile is nobody's business. */
  refuse(socketId: number): void {
    this.refused.add(socketId);
    this.closer.close(socketId, {
      isWanted: () => this.table.get(socketId) === undefined,
      onDone: () => {
        this.refused.delete(socketId);
        this.table.noteClosed(socketId);
      },
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
