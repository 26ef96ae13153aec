/** Converts a profile for display in the editor. */
import type { Profile } from '../../src/modem';
import { describeDialect, type Dialect, FACTS } from '../../src/qfwd';
import type { Calibration, Measured } from './answers';

type Fact = keyof typeof FACTS;
type Unit = NonNullable<Measured['unit']>;

const UNITS: Partial<Record<Fact, Unit>> = {
  roundTrip: 'ms',
  slowest: 'ms',
  perSend: 'bytes',
  sendMax: 'bytes',
  recvMax: 'bytes',
};

/**
 * @param now the current firmware version, if known
 * @param say translates
 */
export function measured(
  { firmware, dialect, lacks, facts, obstacle }: Profile,
  now: string = firmware,
  say = (text: string): string => text,
): Calibration {
  const names = Object.keys(FACTS) as Fact[];
  return {
    firmware,
    ...(now !== firmware && { firmwareNow: now }),
    ...(obstacle !== undefined && { obstacle: say(obstacle) }),
    binary: binaryOf(facts),
    rows: [
      { item: 'firmware', value: firmware || '?' },
      { item: 'commands', value: describeDialect(dialect as Dialect) },
      ...(lacks.length > 0 ? [{ item: 'lacks', value: lacks.join(', ') } as const] : []),
      ...names.map((item): Measured => ({ item, ...shown(item, facts[item]) })),
    ],
  };
}

function binaryOf({ hex, fixed }: Profile['facts']): Calibration['binary'] {
  if (fixed === 'transparent') return 'raw';
  if (hex === 'altered') return 'damaged';
  return fixed === undefined ? 'unproved' : 'hex';
}

type Shown = { readonly value: string; readonly unit?: Unit } | { readonly word: string };

function shown(item: Fact, fact: string | number | undefined): Shown {
  if (fact === undefined) return { word: 'unknown' };
  const unit = UNITS[item];
  if (item === 'rate' && typeof fact === 'number') return { value: `${(fact / 1000).toFixed(1)} kB/s` };
  if (typeof fact === 'number') return { value: String(fact), ...(unit && { unit }) };
  return item === 'readHeader' ? { value: `+${fact}` } : { word: fact };
}
