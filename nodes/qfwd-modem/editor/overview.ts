/** All modems at a glance: how many are in which state and why, and in which order they are listed. Pure. */
import type { ModemSummary } from '../answers';
import { labelOf, type Names } from './socket-rows';

type State = ModemSummary['state'];
export type Order = 'state' | 'name';

/** The color of a state, as Node-RED's own nodes use it. */
const COLORS: Readonly<Record<State, 'green' | 'yellow' | 'red' | 'grey'>> = {
  ready: 'green',
  connecting: 'yellow',
  initializing: 'yellow',
  offline: 'red',
  stopped: 'red',
  unsupported: 'red',
  'no-sim': 'yellow',
  locked: 'red',
  unused: 'grey',
  'no-network': 'yellow',
  activating: 'yellow',
  denied: 'red',
  booting: 'yellow',
  error: 'red',
};

const WORST_FIRST = ['red', 'yellow', 'green', 'grey'] as const;

/** In these states, the module or the network takes its time, or nothing has failed; the text says so. */
const EXPLAINED: readonly State[] = ['activating', 'booting', 'unsupported', 'unused'];

/** The key of the state as it is shown: not ready while declared sockets are not open; `stopped` is shown as offline. */
export function keyOf(modem: ModemSummary): string {
  if (isWaiting(modem)) return 'status.waiting';
  return `status.${modem.state === 'stopped' ? 'offline' : modem.state}`;
}

/** The color of the state as it is shown. */
export function colorOf(modem: ModemSummary): (typeof COLORS)[State] {
  return isWaiting(modem) ? 'yellow' : COLORS[modem.state];
}

/** Why its state is as it is, in one line, the reason first. Empty if there is nothing to explain. */
export function reasonOf(modem: ModemSummary, names: Names): string {
  const { state, reason, waiting, waitingFor } = modem;
  if (reason !== undefined) return reason;
  if (EXPLAINED.includes(state)) return names.say(`sidebar.because.${state}`);
  if (!isWaiting(modem) || !waitingFor) return '';
  const { status = 'retrying', trouble } = waitingFor;
  // A status with a reason is shorter than the error.
  const why = status === 'retrying' && trouble ? trouble.text : names.say(`status.${status}`);
  const others = waiting > 1 ? ` (+${waiting - 1})` : '';
  return `${why} · ${labelOf(waitingFor, names)}${others}`;
}

function isWaiting({ state, waiting }: ModemSummary): boolean {
  return state === 'ready' && waiting > 0;
}

/** How many modems are in each state: those that are ready first, then the worst. */
export function tally(modems: readonly ModemSummary[]): [key: string, count: number][] {
  const counts = new Map<string, number>();
  const sorted = [...modems].sort((a, b) => urgency(a) - urgency(b));
  const isReady = (modem: ModemSummary): boolean => keyOf(modem) === 'status.ready';
  const others = sorted.filter((modem) => !isReady(modem));
  for (const key of [...sorted.filter(isReady), ...others].map(keyOf))
    counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts];
}

/** The modems to list, in their order. @param labelOf the name that is shown @param filter part of a name, port or state */
export function arrange<Modem extends ModemSummary>(
  modems: readonly Modem[],
  { order, filter, nameOf, say }: Arrangement,
): Modem[] {
  const wanted = filter.trim().toLowerCase();
  const isWanted = (modem: Modem): boolean =>
    [nameOf(modem), modem.portName, say(keyOf(modem))].some((text) => text.toLowerCase().includes(wanted));
  const byName = (a: Modem, b: Modem): number =>
    nameOf(a).localeCompare(nameOf(b), undefined, { numeric: true });
  const byState = (a: Modem, b: Modem): number => urgency(a) - urgency(b) || byName(a, b);
  return modems.filter(isWanted).sort(order === 'state' ? byState : byName);
}

export interface Arrangement {
  readonly order: Order;
  readonly filter: string;
  readonly nameOf: (modem: ModemSummary) => string;
  readonly say: (key: string) => string;
}

function urgency(modem: ModemSummary): number {
  return WORST_FIRST.indexOf(colorOf(modem));
}
