/** What happens in the world of a seed: drawn beforehand, so that a part of it can be left out. */
import type { ModemOptions } from '../../src/modem';
import type { SimulatorOptions } from '../../src/simulator';
import { drawDialect, type Family, FAMILY_NAMES } from './dialects';
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

/** Declares the endpoint with this index. */
export function ownerOf(index: number): string {
  return `endpoint ${index}`;
}

/** A peer that connects to a server of the module, or sends datagrams to it. */
export interface VisitPlan {
  /** Its number, or the label of the incident that it witnesses. */
  readonly label: string;
  readonly at: number;
  /** Index of the server. */
  readonly server: number;
  readonly records: number;
  /** Records that it writes at once, before these. */
  readonly bulk: number;
  /** Milliseconds between two of them. */
  readonly gap: number;
  readonly end: 'fin' | 'close' | 'reset' | 'vanish' | 'stay';
  /** Milliseconds from its last record to its end. */
  readonly linger: number;
  /** Whether it reads what it is sent, or when it begins to. */
  readonly readsAfter: number;
  /** Bytes that it takes before it reads them. */
  readonly window: number;
  /** Uses the same port as an earlier one, if that is free. */
  readonly reusesPort: boolean;
}

export interface Incident {
  readonly at: number;
  readonly name: IncidentName;
  /** Its name, with a number from the second of this name on. */
  readonly label: string;
  /** Decides on the details. */
  readonly seed: number;
}

export interface Plan {
  readonly seed: number;
  readonly family: Family;
  readonly simulator: Partial<SimulatorOptions>;
  readonly modem: Partial<ModemOptions>;
  /** `second`: its URCs may come there; `parallel`: both carry commands. */
  readonly ports: 'one' | 'second' | 'parallel';
  /** Whether the ports are serial ports, with settings of the operating system. */
  readonly isSerial: boolean;
  readonly flow: Flow;
  readonly endpoints: readonly EndpointPlan[];
  readonly visits: readonly VisitPlan[];
  readonly incidents: readonly Incident[];
  /** Milliseconds in which all of it begins. */
  readonly length: number;
}

const MINUTE = 60_000;
const FIRST_PORT = 2000;
/** How often each incident may happen. */
const MOST_TIMES = 2;
const WRONG_PIN = '4321';
const WINDOWS = [65_536, 65_536, 1024];
/** Some fill the buffers of the module, which is then read with several commands on a line. */
const BULKS = [0, 0, 0, 300];

export function planOf(seed: number): Plan {
  const about = (subject: string): Dice => Dice.of(seed, subject);
  const family = about('family').pick(FAMILY_NAMES);
  const length = about('length').pick([1, 5, 20]) * MINUTE;
  const ports = about('ports').pick(['one', 'one', 'second', 'parallel'] as const);
  const endpoints = drawEndpoints(about('endpoints'));
  const simulator = drawDialect(seed, family);
  const incidents = drawIncidents(seed, length);
  return {
    seed,
    family,
    simulator,
    modem: { ...drawModem(about('modem'), ports), ...drawPin(about('entered pin'), family, simulator.pin) },
    ports,
    isSerial: about('serial').chance(0.7),
    flow: about('flow').pick(FLOWS),
    endpoints,
    visits: [
      ...drawVisits(about('visits'), about('windows'), about('bulks'), endpoints, length),
      ...drawWitnesses(seed, incidents, endpoints),
    ],
    incidents,
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

/** What to leave of a plan, by labels; all of it where nothing is said. */
export interface Part {
  readonly incidents?: readonly string[] | undefined;
  readonly visits?: readonly string[] | undefined;
}

export function partOf(plan: Plan, { incidents, visits }: Part): Plan {
  return {
    ...plan,
    incidents: plan.incidents.filter(({ label }) => incidents?.includes(label) ?? true),
    visits: plan.visits.filter(({ label }) => visits?.includes(label) ?? true),
  };
}

/** In some worlds nothing goes wrong, in others many things do, all of them at any time. */
function drawIncidents(seed: number, length: number): Incident[] {
  const chance = Dice.of(seed, 'incidents').pick([0, 0.02, 0.07, 0.15]);
  return incidentNames
    .flatMap((name) => {
      const dice = Dice.of(seed, name);
      return Array.from({ length: MOST_TIMES }, (_, index) => ({
        happens: dice.chance(chance),
        at: dice.from(0, length),
        name,
        label: index === 0 ? name : `${name} (${index + 1})`,
        seed: dice.from(1, 1 << 30),
      }));
    })
    .filter(({ happens }) => happens)
    .sort((one, other) => one.at - other.at);
}

/** Many come in a short time, so that ids are used again at once. */
function drawVisits(
  dice: Dice,
  windows: Dice,
  bulks: Dice,
  endpoints: readonly EndpointPlan[],
  length: number,
): VisitPlan[] {
  const servers = serversOf(endpoints);
  const count = servers.length === 0 ? 0 : dice.pick([0, 2, 8, 8, 40]);
  const isRush = count > 8;
  const start = isRush ? dice.from(0, length) : 0;
  return Array.from({ length: count }, (_, number) => {
    const visit = drawVisit(dice, servers, isRush ? dice.pick([1000, 10_000]) : length);
    const short = {
      records: dice.pick([1, 2]),
      gap: 0,
      linger: dice.pick([0, 100]),
      end: dice.pick(['fin', 'close', 'reset'] as const),
    };
    const window = windows.pick(WINDOWS);
    const bulk = bulks.pick(BULKS);
    return { ...visit, label: String(number), window, bulk, at: start + visit.at, ...(isRush && short) };
  });
}

/** Peers that are there when something goes wrong. */
function drawWitnesses(
  seed: number,
  incidents: readonly Incident[],
  endpoints: readonly EndpointPlan[],
): VisitPlan[] {
  const servers = serversOf(endpoints);
  return incidents.flatMap(({ at, label }) => {
    const dice = Dice.of(seed, `witness of ${label}`);
    if (servers.length === 0 || !dice.chance(0.5)) return [];
    const visit = drawVisit(dice, servers, 0);
    return {
      ...visit,
      label,
      at: Math.max(0, at - dice.from(0, 1000)),
      records: dice.pick([3, 10, 30]),
      gap: dice.pick([20, 200, 1000]),
      window: dice.pick(WINDOWS),
      bulk: dice.pick(BULKS),
    };
  });
}

function serversOf(endpoints: readonly EndpointPlan[]): number[] {
  return endpoints.flatMap(({ kind }, index) => (kind === 'server' ? [index] : []));
}

function drawVisit(
  dice: Dice,
  servers: readonly number[],
  length: number,
): Omit<VisitPlan, 'label' | 'window' | 'bulk'> {
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

/** A wrong one leaves a module without a network, which some sockets do without. */
function drawPin(dice: Dice, family: Family, pin = ''): Pick<ModemOptions, 'pin'> {
  if (pin === '') return {};
  return { pin: family === 'qfwd' && dice.chance(0.25) ? WRONG_PIN : pin };
}

function drawModem(dice: Dice, ports: Plan['ports']): Partial<ModemOptions> {
  return {
    payloadMode: dice.pick(['auto', 'auto', 'hex']),
    commandTimeout: dice.pick([5000, 1000]),
    queueLimit: dice.pick([1 << 20, 4096]),
    parallel: ports === 'parallel',
  };
}
