import type { Connection } from '../data/connection';
import type { ConnectionTable } from './connection-table';
import type { Declarations } from './declarations';
import type { Declared } from './declared';
import type { SocketCloser } from './socket-closer';

/** Decides which peers the servers admit; closes the connections of all others before reading their data. */
export class Admission {
  /** Accepted connections that were turned away and may still be reported. */
  private readonly refused = new Set<number>();

  constructor(
    private readonly table: ConnectionTable,
    private readonly declarations: Declarations,
    private readonly closer: SocketCloser,
  ) {}

  /** Whether a server admits this peer and is below its limit. @param connection not counted */
  admits(server: Declared, ip: string, connection?: Connection): boolean {
    const open = server.claimedId === undefined ? 0 : this.table.countOpen(server.claimedId);
    const isCounted = connection?.state === 'open' && connection.serverId === server.claimedId;
    return server.admits(ip, isCounted ? open - 1 : open);
  }

  /** Whether an accepted connection is admitted, also when its server is not declared. */
  admitsIncoming(server: Declared | undefined, serverId: number, ip: string): boolean {
    if (server) return this.admits(server, ip);
    // While a server is being closed, no node decides any more whom it admits.
    return this.closer.closing(serverId) === undefined;
  }

  /** Closes the connection. URCs about it are ignored meanwhile. @param after see {@link Closing} */
  refuse(socketId: number, after?: Promise<void>): void {
    this.refused.add(socketId);
    this.closer.close(socketId, {
      after,
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

  /** Whether the connection was refused on purpose. */
  isUnwanted(socketId: number): boolean {
    const [claimant] = this.declarations.claimants(socketId);
    const isTurnedAway =
      claimant?.kind === 'server' && claimant.protocol === 'udp' && !admitsNameless(claimant);
    return isTurnedAway || this.refused.has(socketId);
  }
}

/** Peers that share one socket id cannot be told apart, so the server admits either all of them or none. */
export function admitsNameless(server: Declared): boolean {
  return server.admits('', 0);
}
