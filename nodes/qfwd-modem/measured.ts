/** A profile as the editor shows it. */
import { describeDialect, type Fact, FACTS, type Profile } from '../../src/modem';
import type { Calibration, Measured } from './answers';

const UNITS: Partial<Record<Fact, string>> = {
  roundTrip: 'ms',
  slowest: 'ms',
  rate: 'bytes/s',
  perSend: 'bytes',
  sendMax: 'bytes',
  recvMax: 'bytes',
};

export function measured({ firmware, dialect, lacks, facts, obstacle }: Profile): Calibration {
  const names = Object.keys(FACTS) as Fact[];
  return {
    ...(obstacle !== undefined && { obstacle }),
    binary: facts.fixed === undefined ? 'unproved' : facts.fixed === 'transparent' ? 'raw' : 'hex',
    rows: [
      { item: 'firmware', value: firmware || '?' },
      { item: 'commands', value: describeDialect(dialect) },
      ...(lacks.length > 0 ? [{ item: 'lacks', value: lacks.join(', ') } as const] : []),
      ...names.map((item): Measured => ({ item, ...shown(item, facts[item]) })),
    ],
  };
}

type Shown = { readonly value: string } | { readonly word: string };

function shown(item: Fact, fact: string | number | undefined): Shown {
  if (fact === undefined) return { word: 'unknown' };
  const unit = UNITS[item];
  if (typeof fact === 'number') return { value: unit ? `${fact} ${unit}` : String(fact) };
  return item === 'readHeader' ? { value: `+${fact}` } : { word: fact };
}
