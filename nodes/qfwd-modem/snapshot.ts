/** The current state of a modem, for the sidebar. */
import type { Facts, JournalEntry, Modem } from '../../src/modem';
import { endpointStatus } from '../runtime/endpoint-status';
import type { ModemSnapshot, ModemSummary, Trouble } from './answers';
import type { DeployedModem } from './deployed';

/** The clocks of the modem and of the computer, both in ms. */
export interface Now {
  /** On the clock of the modem. */
  readonly modem: number;
  /** Since 1970. */
  readonly wall: number;
}

export interface SnapshotOptions {
  readonly now: Now;
  /** The number of log lines that are known already. */
  readonly after: number;
  readonly facts?: Facts | undefined;
  readonly say: Say;
}

/** Translates what the runtime says. */
type Say = (text: string) => string;

export function summaryOf({ id, name, portName, modem, problem }: DeployedModem, say: Say): ModemSummary {
  const common = { id, name, portName: say(portName) };
  if (!modem) {
    const isBroken = problem !== undefined;
    return {
      ...common,
      ...(isBroken ? { state: 'error', reason: say(problem) } : { state: 'unused' }),
      waiting: 0,
    };
  }
  const { state, reason } = modem;
  const family = modem.commands?.family;
  const waiting = modem.endpoints
    .all()
    .filter((it) => it.state === 'waiting' || it.state === 'opening').length;
  const commands = family === 'qfwd' || family === 'tcpip' ? family : undefined;
  return {
    ...common,
    state,
    ...(commands && { commands }),
    ...(reason && { reason: say(reason.message) }),
    waiting,
  };
}

export function snapshotOf(deployed: DeployedModem, options: SnapshotOptions): ModemSnapshot {
  const { modem } = deployed;
  const { facts, now, say } = options;
  const summary = summaryOf(deployed, say);
  if (!modem) return { ...summary, endpoints: [], sockets: [], lines: [], lineCount: 0 };
  const { counters, waiting, lastTrouble, options: settings, journal } = modem;
  const wall = (at: number): number => Math.round(now.wall - (now.modem - at));
  const trouble = ({ error, at }: { error: Error; at: number }): Trouble => ({
    at: wall(at),
    text: say(error.message),
  });
  return {
    ...summary,
    ...(lastTrouble && { trouble: trouble(lastTrouble) }),
    ...(facts && { facts }),
    counters,
    queue: { bytes: waiting, limit: settings.queueLimit },
    endpoints: endpointsOf(modem, trouble),
    sockets: socketsOf(modem),
    lineCount: journal.count,
    lines: entriesAfter(journal, options.after).map(({ at, direction, text }) => ({
      at: wall(at),
      direction,
      text,
    })),
  };
}

/** @param after the number of lines that are known already */
export function entriesAfter(journal: Modem['journal'], after: number): JournalEntry[] {
  // After a restart of the modem, its lines are counted from 0.
  return journal.entries(after > journal.count ? 0 : after);
}

function endpointsOf(
  modem: Modem,
  trouble: (failure: { error: Error; at: number }) => Trouble,
): ModemSnapshot['endpoints'] {
  return modem.endpoints.all().map(({ owner, kind, state, protocol, socketId, lastFailure }) => {
    const status = endpointStatus(modem.state, state, lastFailure?.error);
    return {
      owner,
      kind,
      state,
      protocol,
      ...(socketId !== undefined && { socketId }),
      ...(status && { status }),
      ...(lastFailure && { trouble: trouble(lastFailure) }),
    };
  });
}

function socketsOf(modem: Modem): ModemSnapshot['sockets'] {
  return modem
    .connections()
    .map(({ socketId, serverId, protocol, state, owner, ends, otherEnd, traffic, silence }) => ({
      socketId,
      ...(serverId !== undefined && { serverId }),
      protocol,
      state,
      ...(owner !== undefined && { owner }),
      ...(ends && { ip: ends.ip, port: ends.port }),
      ...(otherEnd !== undefined && { otherEnd }),
      age: traffic.ms,
      silence: Math.round(silence),
      bytesOut: traffic.bytesOut,
      bytesIn: traffic.bytesIn,
    }));
}
