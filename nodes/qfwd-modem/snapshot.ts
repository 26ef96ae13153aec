/** A modem as it is at this moment, for the sidebar. */
import type { Counters, JournalEntry, LinkState } from '../../src/modem';
import type { DeployedModem } from './deployed';

export interface SocketSnapshot {
  readonly socketId: number;
  readonly serverId?: number;
  readonly protocol: string;
  readonly state: string;
  /** Id of the server or client node. */
  readonly owner?: string;
  readonly ip?: string;
  readonly port?: number;
  /** Bytes of payload to and from the peer. */
  readonly bytesOut: number;
  readonly bytesIn: number;
}

export interface ModemSnapshot {
  readonly id: string;
  readonly name: string;
  readonly portName: string;
  readonly state: LinkState | 'error';
  /** Why it is offline, or what is wrong with its configuration. */
  readonly reason?: string;
  readonly counters?: Readonly<Counters>;
  /** Bytes that wait to be sent. */
  readonly queue?: { readonly bytes: number; readonly limit: number };
  readonly endpoints: readonly {
    readonly owner: string;
    readonly name: 'server' | 'client';
    readonly state: string;
    readonly protocol: string;
    readonly socketId?: number;
  }[];
  readonly sockets: readonly SocketSnapshot[];
  /** The last of the AT dialogue, oldest first; `ago` in ms. */
  readonly lines: readonly (Pick<JournalEntry, 'direction' | 'text'> & { readonly ago: number })[];
}

/** @param now on the clock of the modem, in ms */
export function snapshotOf(deployed: DeployedModem, now: number): ModemSnapshot {
  const { id, name, portName, modem, problem } = deployed;
  if (!modem) {
    const reason = problem !== undefined && { reason: problem };
    return { id, name, portName, state: 'error', ...reason, endpoints: [], sockets: [], lines: [] };
  }
  const { state, reason, counters, waiting, options, journal } = modem;
  return {
    id,
    name,
    portName,
    state,
    ...(reason && { reason: reason.message }),
    counters,
    queue: { bytes: waiting, limit: options.queueLimit },
    endpoints: modem.endpoints().map(({ owner, name: kind, state: at, protocol, socketId }) => ({
      owner,
      name: kind,
      state: at,
      protocol,
      ...(socketId !== undefined && { socketId }),
    })),
    sockets: modem.connections().map(({ socketId, serverId, protocol, owner, ends, ...rest }) => ({
      socketId,
      ...(serverId !== undefined && { serverId }),
      protocol,
      state: rest.state,
      ...(owner !== undefined && { owner }),
      ...(ends && { ip: ends.ip, port: ends.port }),
      bytesOut: rest.bytesOut,
      bytesIn: rest.bytesIn,
    })),
    lines: journal
      .entries()
      .map(({ at, direction, text }) => ({ ago: Math.round(now - at), direction, text })),
  };
}
