/**
 * What became of the PINs that were entered: the third wrong one locks the SIM, so one that was refused, or whose answer was
 * never heard, is not entered again, after a redeploy or a restart either. It is kept by modem node, and by SIM and module as
 * far as they are known, because several nodes may use one SIM. What is kept in the user directory does not show the PINs.
 */
import { randomBytes, scryptSync } from 'node:crypto';
import { type PinMemory, QfwdError } from '../../src/modem';
import { KeptMap } from './kept-map';

/**
 * - `entering`, with the digest of the SIM that it was entered for where that is known
 * - `refused`: by a SIM that has accepted none since
 * - `past`: refused, or entered, before the SIM accepted another one
 */
type Outcome = 'entering' | `entering ${string}` | 'refused' | 'past';
/** By digest. What was accepted is not kept. */
type Outcomes = Readonly<Record<string, Outcome>>;

/** From the one that decides to the one that does not, if several nodes, SIMs or modules are concerned. */
const STATES = ['busy', 'refused', 'unknown', 'last', 'usable'] as const satisfies PinMemory['state'][];

/** So many wrong PINs leave a SIM its last try (3GPP TS 31.101 9.1). */
const WRONG_BEFORE_LAST = 2;

/** No node has this id: kept when the file was damaged, and stands for all nodes that have nothing of their own. */
const ALL = '';
/** Nor these. */
const SALT = 'salt';
const SHARED = /^(sim|module) /;

export class Pins {
  private readonly kept: KeptMap;
  private readonly salt: string;
  private readonly digests = new Map<string, string>();
  /** Nodes that had a PIN in this process. */
  private readonly having = new Set<string>();
  /** Whose turn it is to enter a PIN, by node, SIM and module. */
  private readonly claims = new Map<string, PinMemory>();

  /** @param folder where to keep it; without one it is forgotten when the process ends */
  constructor(folder: string | undefined) {
    this.kept = new KeptMap(folder, '.qfwd-pins.json');
    if (this.kept.isDamaged) this.kept.set(ALL, true);
    const salt = this.kept.get(SALT);
    this.salt = typeof salt === 'string' ? salt : randomBytes(16).toString('base64');
  }

  /** @param id of the config node */
  memoryOf(id: string, pin: string): PinMemory {
    this.having.add(id);
    const key = this.digest(pin);
    let concerned = [id];
    const stateOf = (): PinMemory['state'] => {
      if (concerned.some((it) => (this.claims.get(it) ?? memory) !== memory)) return 'busy';
      const states = concerned.map((it) => this.stateOf(it, key));
      return STATES.find((state) => states.includes(state)) ?? 'usable';
    };
    const memory: PinMemory = {
      get state() {
        return stateOf();
      },
      identify: ({ card, module }) => {
        const sim = card === undefined ? [] : [`sim ${this.digest(card)}`];
        concerned = [id, ...sim, ...(module === undefined ? [] : [`module ${this.digest(module)}`])];
      },
      claim: () => {
        for (const it of concerned) this.claims.set(it, memory);
      },
      release: () => {
        for (const [it, by] of this.claims) if (by === memory) this.claims.delete(it);
      },
      noteEntering: (card) => {
        const outcome: Outcome = card === undefined ? 'entering' : `entering ${this.digest(card)}`;
        if (this.note(concerned, key, outcome)) return;
        this.note(concerned, key, undefined);
        throw new QfwdError(
          'QFWD_INVALID',
          'the PIN is not entered: the user directory of Node-RED cannot be written, where it has to be noted first',
        );
      },
      isFor: (card) =>
        concerned.every((it) => {
          const [, entered] = this.outcomes(it)?.[key]?.split(' ') ?? [];
          return card === undefined || entered === undefined || entered === this.digest(card);
        }),
      noteAccepted: () => this.noteAccepted(concerned, key),
      noteRefused: () => void this.note(concerned, key, 'refused'),
    };
    return memory;
  }

  /**
   * The node has no PIN. Where the user has removed it, one entered later is tried, even if it was rejected before. At a
   * start it may only be that Node-RED cannot read the credentials.
   */
  forget(id: string): void {
    if (!this.having.has(id)) return;
    const outcomes = this.outcomes(id);
    const removed = Object.keys(outcomes ?? {});
    if (outcomes && removed.length === 0) return;
    const shared = [...this.kept.ids()].filter((it) => SHARED.test(it));
    this.kept.setAll([
      [id, {}],
      ...shared.map((it) => [it, without(this.outcomes(it) ?? {}, removed)] as const),
    ]);
  }

  private stateOf(concerned: string, key: string): (typeof STATES)[number] {
    const outcomes = this.outcomes(concerned);
    if (outcomes === undefined) return 'unknown';
    const outcome = outcomes[key];
    if (outcome === 'refused' || outcome === 'past') return 'refused';
    if (outcome !== undefined) return 'unknown';
    const wrong = Object.values(outcomes).filter((other) => other !== 'past').length;
    return wrong < WRONG_BEFORE_LAST ? 'usable' : 'last';
  }

  /** The SIM has all its tries again. */
  private noteAccepted(concerned: readonly string[], key: string): void {
    const pastOf = (it: string): Outcomes => {
      const others = Object.keys(without(this.outcomes(it) ?? {}, [key]));
      return Object.fromEntries(others.map((other) => [other, 'past']));
    };
    this.kept.setAll(concerned.map((it) => [it, pastOf(it)]));
  }

  /** @returns whether it outlives the process, as far as anything does */
  private note(concerned: readonly string[], key: string, outcome: Outcome | undefined): boolean {
    const noted = concerned.map((it) => {
      const others = without(this.outcomes(it) ?? {}, [key]);
      return [it, outcome ? { ...others, [key]: outcome } : others] as const;
    });
    return this.kept.setAll([[SALT, this.salt], ...noted]);
  }

  /** `undefined` when it is not known what there was. */
  private outcomes(concerned: string): Outcomes | undefined {
    const entry = this.kept.get(concerned);
    if (typeof entry === 'object' && entry !== null) return entry as Outcomes;
    const isLost = entry !== undefined || (this.kept.get(ALL) !== undefined && !SHARED.test(concerned));
    return isLost ? undefined : {};
  }

  private digest(text: string): string {
    const known = this.digests.get(text);
    if (known !== undefined) return known;
    const digest = scryptSync(text, this.salt, 16).toString('base64');
    this.digests.set(text, digest);
    return digest;
  }
}

function without(outcomes: Outcomes, keys: readonly string[]): Outcomes {
  return Object.fromEntries(Object.entries(outcomes).filter(([key]) => !keys.includes(key)));
}
