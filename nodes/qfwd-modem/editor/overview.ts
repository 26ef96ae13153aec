/** All modems at a glance: how many are in which state, and in which order they are listed. Pure. */
import type { ModemSummary } from '../answers';

export type State = ModemSummary['state'];
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

/** The state as shown in the editor; `stopped` is shown as offline. */
export function keyOf(state: State): string {
  return `status.${state === 'stopped' ? 'offline' : state}`;
}

/** The color to show; not green while declared sockets are not open. */
export function colorOf({ state, waiting }: Pick<ModemSummary, 'state' | 'waiting'>): (typeof COLORS)[State] {
  return state === 'ready' && waiting > 0 ? 'yellow' : COLORS[state];
}

/** How many modems are in each state: those that are ready first, then the worst. */
export function tally(modems: readonly ModemSummary[]): [key: string, count: number][] {
  const counts = new Map<string, number>();
  const sorted = [...modems].sort((a, b) => urgency(a) - urgency(b));
  const ready = sorted.filter(({ state }) => state === 'ready');
  const others = sorted.filter(({ state }) => state !== 'ready');
  for (const { state } of [...ready, ...others])
    counts.set(keyOf(state), (counts.get(keyOf(state)) ?? 0) + 1);
  return [...counts];
}

/** The modems to list, in their order. @param labelOf the name that is shown @param filter part of a name, port or state */
export function arrange<Modem extends ModemSummary>(
  modems: readonly Modem[],
  { order, filter, labelOf, say }: Arrangement,
): Modem[] {
  const wanted = filter.trim().toLowerCase();
  const isWanted = (modem: Modem): boolean =>
    [labelOf(modem), modem.portName, say(keyOf(modem.state))].some((text) =>
      text.toLowerCase().includes(wanted),
    );
  const byName = (a: Modem, b: Modem): number =>
    labelOf(a).localeCompare(labelOf(b), undefined, { numeric: true });
  const byState = (a: Modem, b: Modem): number => urgency(a) - urgency(b) || byName(a, b);
  return modems.filter(isWanted).sort(order === 'state' ? byState : byName);
}

export interface Arrangement {
  readonly order: Order;
  readonly filter: string;
  readonly labelOf: (modem: ModemSummary) => string;
  readonly say: (key: string) => string;
}

function urgency(modem: ModemSummary): number {
  return WORST_FIRST.indexOf(colorOf(modem));
}
