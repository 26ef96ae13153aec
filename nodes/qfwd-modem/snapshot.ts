/** The current state of a modem, for the sidebar. */
import type { ModemSnapshot } from './answers';
import type { DeployedModem } from './deployed';

/** @param now on the clock of the modem, in ms */
export function snapshotOf(deployed: DeployedModem, now: number): ModemSnapshot {
  const { id, name, portName, modem, problem } = deployed;
  if (!modem) {
    const state =
      problem === undefined ? { state: 'unused' as const } : { state: 'error' as const, reason: problem };
    return {
      id,
      name,
      portName,
      ...state,
      endpoints: [],
      sockets: [],
      lines: [],
      lineCount: 0,
    };
  }
  const { family, state, reason, counters, waiting, options, journal } = modem;
  return {
    id,
    name,
    portName,
    state,
    ...((family === 'qfwd' || family === 'tcpip') && { commands: family }),
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
    lineCount: journal.count,
    lines: journal
      .entries()
      .map(({ at, direction, text }) => ({ ago: Math.round(now - at), direction, text })),
  };
}
