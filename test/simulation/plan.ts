/** What happens in the world of a seed: drawn beforehand, so that a part of it can be left out. */
import type { ModemOptions } from '../../src/modem';
import type { SimulatorOptions } from '../../src/simulator';
import { Dice } from './dice';
import { incidentNames, type IncidentName } from './incidents';

/** What the flow does with the data of a connection. */
export const FLOWS = ['echo', 'sink', 'source', 'slow', 'pausing', 'closing', 'request'] as const;
export type Flow = (typeof FLOWS)[number];

export interface EndpointPlan {
  readonly kind: 'server' | 'client';
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
}

/** A peer that connects to a server of the module, or a host that a client of the module reaches. */
export interface VisitPlan {
  readonly at: number;
  /** Index of the server. */
  readonly server: number;
  readonly records: number;
  /** Milliseconds between two of them. */
  readonly gap: number;
  readonly end: 'fin' | 'close' | 'reset' | 'vanish' | 'stay';
  /** Milliseconds from its last record to its end. */
  readonly linger: number;
  /** Whether it reads what it is sent, or when it begins to. */
  readonly readsAfter: number;
  /** Uses the same port as an earlier one, if that is free. */
  readonly reusesPort: boolean;
}

export interface Incident {
  readonly at: number;
  readonly name: IncidentName;
  /** Draws the details. */
  readonly seed: number;
}

export interface Plan {
  readonly seed: number;
  readonly simulator: Partial<SimulatorOptions>;
  readonly modem: Partial<ModemOptions>;
  /** `second`: its URCs may come there; `parallel`: both carry commands. */
  readonly ports: 'one' | 'second' | 'parallel';
  readonly flow: Flow;
  readonly endpoints: readonly EndpointPlan[];
  readonly visits: readonly VisitPlan[];
  readonly incidents: readonly Incident[];
  /** Milliseconds in which all of it begins. */
  readonly length: number;
}

const MINUTE = 60_000;
const FIRST_PORT = 2000;

export function planOf(seed: number): Plan {
  const dice = new Dice(seed);
  const length = dice.pick([1, 5, 20]) * MINUTE;
  const ports = dice.pick(['one', 'one', 'second', 'parallel'] as const);
  const endpoints = drawEndpoints(dice);
  const servers = endpoints.flatMap(({ kind }, index) => (kind === 'server' ? [index] : []));
  const count = dice.pick([0, 2, 8, 8, 40]);
  return {
    seed,
    simulator: drawSimulator(dice),
    modem: drawModem(dice, ports),
    ports,
    flow: dice.pick(FLOWS),
    endpoints,
    visits: servers.length === 0 ? [] : drawVisits(dice, servers, count, length),
    incidents: Array.from({ length: dice.from(0, 8) }, () => ({
      at: dice.from(0, length),
      name: dice.pick(incidentNames),
      seed: dice.from(1, 1 << 30),
    })).sort((one, other) => one.at - other.at),
    length,
  };
}

function drawEndpoints(dice: Dice): EndpointPlan[] {
  return Array.from({ length: dice.from(1, 3) }, (_, index) => ({
    kind: dice.pick(['server', 'server', 'client']),
    protocol: dice.pick(['tcp', 'tcp', 'tcp', 'udp']),
    port: FIRST_PORT + index,
  }));
}

/** Many come in a short time, so that ids are used again at once. */
function drawVisits(dice: Dice, servers: readonly number[], count: number, length: number): VisitPlan[] {
  const isRush = count > 8;
  const start = isRush ? dice.from(0, length) : 0;
  return Array.from({ length: count }, () => {
    const visit = drawVisit(dice, servers, isRush ? dice.pick([1000, 10_000]) : length);
    const short = {
      records: dice.pick([1, 2]),
      gap: 0,
      linger: dice.pick([0, 100]),
      end: dice.pick(['fin', 'close', 'reset'] as const),
    };
    return { ...visit, at: start + visit.at, ...(isRush && short) };
  });
}

function drawVisit(dice: Dice, servers: readonly number[], length: number): VisitPlan {
  return {
    at: dice.from(0, length),
    server: dice.pick(servers),
    records: dice.pick([0, 1, 3, 10, 60]),
    gap: dice.pick([0, 0, 20, 1000]),
    end: dice.pick(['fin', 'fin', 'fin', 'close', 'reset', 'vanish', 'stay']),
    linger: dice.pick([0, 50, 3000, 30_000]),
    readsAfter: dice.pick([0, 0, 0, 10_000]),
    reusesPort: dice.chance(0.2),
  };
}

/** The dialects of firmware. */
function drawSimulator(dice: Dice): Partial<SimulatorOptions> {
  return {
    answerDelay: dice.pick([0, 0, 2, 20]),
    prompt: dice.pick(['\r\n> ', '\r\n>', '\r\n>\r\n']),
    names: dice.pick(['manual', 'headings', 'server']),
    args: dice.pick(['manual', 'manual', 'example']),
    openOrder: dice.pick(['ok-first', 'urc-first']),
    openResult: dice.pick(['errno', 'quectel']),
    acceptedIds: dice.pick(['smallest', 'counting']),
    listOpening: dice.chance(0.5),
    halfClose: dice.pick([0, 1000]),
    hexUnits: dice.pick(['bytes', 'chars']),
    hexActual: dice.pick(['bytes', 'chars']),
    hexLimit: dice.pick(['bytes', 'chars']),
    fixedLength: dice.pick(['transparent', 'ends-at-ctrl-z']),
    sendBuffer: dice.pick([16_384, 2048]),
    partial: dice.pick([0, 0, 100]),
    recvHeader: dice.pick(['QFWDRECV', 'QFWDPRECV']),
    emptyRead: dice.pick(['zero', 'error']),
    readUrc: dice.pick(['latched', 'repeated', 'length']),
    recvBuffer: dice.pick([16_384, 2048]),
    cmee: dice.pick([0, 1, 2]),
    bootDelay: dice.pick([0, 5000]),
    apDelay: dice.pick([0, 0, 15_000]),
    simDelay: dice.pick([0, 0, 8000]),
    pin: dice.pick(['', '', '1234']),
    udpServer: dice.pick(['per-peer', 'per-peer', 'shared']),
  };
}

function drawModem(dice: Dice, ports: Plan['ports']): Partial<ModemOptions> {
  return {
    payloadMode: dice.pick(['auto', 'auto', 'hex']),
    commandTimeout: dice.pick([5000, 1000]),
    queueLimit: dice.pick([1 << 20, 4096]),
    parallel: ports === 'parallel',
  };
}
