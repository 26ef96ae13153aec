/** What modules say about themselves, asked again only after a while, and only while somebody looks. */
import { systemClock } from '../../src/at';
import { askFacts, type Facts, type Modem } from '../../src/modem';

/** In ms. Registration and signal change slowly, and each query takes time on the line. */
const FRESH = 15_000;
/** Timeout of one command, in ms. */
const PATIENCE = 5000;

interface Known {
  readonly at: number;
  facts?: Facts;
}

export class KnownFacts {
  private readonly known = new WeakMap<Modem, Known>();

  constructor(private readonly now: () => number = () => systemClock.now()) {}

  /** What is known now; asks the module in the background if that is old. */
  of(modem: Modem): Facts | undefined {
    const last = this.known.get(modem);
    if (modem.state === 'offline' || modem.state === 'connecting' || modem.state === 'stopped')
      return undefined;
    if (!last || this.now() - last.at >= FRESH) void this.ask(modem, last?.facts);
    return this.known.get(modem)?.facts;
  }

  private async ask(modem: Modem, before: Facts | undefined): Promise<void> {
    const next: Known = { at: this.now(), ...(before && { facts: before }) };
    this.known.set(modem, next);
    const facts = await askFacts((command) => modem.requests.raw(command, PATIENCE)).catch(() => undefined);
    if (facts) next.facts = facts;
    else delete next.facts;
  }
}
