/** The current state of a modem, for the sidebar. */
import type { Facts, JournalEntry, Modem } from '../../src/modem';
import { endpointStatus } from '../runtime/endpoint-status';
import type { EndpointSnapshot, ModemSnapshot, ModemSummary, Trouble } from './answers';
import type { DeployedModem } from './deployed';

/** The clocks of the modem and of the computer, both in ms. */
export interface Now {
  /** On the clock of the modem. */
  readonly modem: number;
  /** Since 1970. */
  readonly wall: number;
}

export interface SummaryOptions {
  readonly now: Now;
  readonly say: Say;
}

export interface SnapshotOptions extends SummaryOptions {
  /** The number of log lines that are known already. */
  readonly after: number;
  readonly facts?: Facts | undefined;
}

/** Translates what the runtime says. */
type Say = (text: string) => string;

export function summaryOf(deployed: DeployedModem, { now, say }: SummaryOptions): ModemSummary {
  const { id, name, portName, modem, problem } = deployed;
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
  const waiting = endpointsOf(modem, { now, say }).filter(
    (it) => it.state === 'waiting' || it.state === 'opening',
  );
  const waitingFor = waiting.find(({ trouble }) => trouble !== undefined) ?? waiting[0];
  const commands = family === 'qfwd' || family === 'tcpip' ? family : undefined;
  return {
    ...common,
    state,
    ...(commands && { commands }),
    ...(reason && { reason: say(reason.message) }),
    waiting: waiting.length,
    ...(waitingFor && { waitingFor }),
  };
}

export function snapshotOf(deployed: DeployedModem, options: SnapshotOptions): ModemSnapshot {
  const { modem } = deployed;
  const { facts } = options;
  const summary = summaryOf(deployed, options);
  if (!modem) return { ...summary, endpoints: [], sockets: [], lines: [], lineCount: 0 };
  const { counters, waiting, lastTrouble, options: settings, journal } = modem;
  return {
    ...summary,
    ...(lastTrouble && { trouble: troubleOf(lastTrouble, options) }),
    ...(facts && { facts }),
    counters,
    queue: { bytes: waiting, limit: settings.queueLimit },
    endpoints: endpointsOf(modem, options),
    sockets: socketsOf(modem),
    lineCount: journal.count,
    lines: entriesAfter(journal, options.after).map(({ at, direction, text }) => ({
      at: wallTime(at, options.now),
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

function endpointsOf(modem: Modem, options: SummaryOptions): EndpointSnapshot[] {
  return modem.endpoints.all().map(({ owner, kind, state, protocol, socketId, lastFailure }) => {
    const status = endpointStatus(modem.state, state, lastFailure?.error);
    return {
      owner,
      kind,
      state,
      protocol,
      ...(socketId !== undefined && { socketId }),
      ...(status && { status }),
      ...(lastFailure && { trouble: troubleOf(lastFailure, options) }),
    };
  });
}

function troubleOf({ error, at }: { error: Error; at: number }, { now, say }: SummaryOptions): Trouble {
  return { at: wallTime(at, now), text: say(error.message) };
}

/** A time of the clock of the modem, in ms since 1970. */
function wallTime(at: number, { modem, wall }: Now): number {
  return Math.round(wall - (modem - at));
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
