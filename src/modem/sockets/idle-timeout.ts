import type { Timers } from '../../at';
import type { Connection } from '../data/connection';
import type { CurrentLink } from '../link/current-link';
import type { Connections } from './connections';
import type { Declarations } from './declarations';

export interface IdleTimeoutHost {
  readonly timers: Timers;
  readonly current: CurrentLink;
  readonly declarations: Declarations;
  readonly connections: Connections;
}

/** In ms. */
const INTERVAL = 1000;

/** Closes connections over which nothing is transferred, for modules that do not do so themselves. */
export class IdleTimeout {
  constructor(private readonly host: IdleTimeoutHost) {}

  start(): void {
    this.host.timers.after(INTERVAL, () => {
      this.check();
      this.start();
    });
  }

  private check(): void {
    const { connections, current } = this.host;
    const session = current.dataSession;
    if (!session?.commands.limits.lacksIdleTimeout) return;
    for (const connection of connections.table.all()) {
      if (!this.isIdle(connection)) continue;
      connection.closeReason = 'idle';
      // When that fails, the next check tries again.
      void connections.disconnection.close(session, connection).catch(() => undefined);
    }
  }

  private isIdle(connection: Connection): boolean {
    const { owner = '', serverId, silence, state } = connection;
    const { idleTimeout = 0 } = this.host.declarations.of(owner) ?? {};
    const isLimited = serverId !== undefined && state === 'open' && idleTimeout > 0;
    return (
      isLimited && silence >= idleTimeout * 1000 && !this.host.connections.data.sender.isBusy(connection)
    );
  }
}
