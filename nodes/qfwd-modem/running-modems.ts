/**
 * The modems that run, by config node. A deploy takes a node away and brings it back: a modem whose settings stay the same
 * goes on meanwhile, so that its port is not touched and nothing is missed.
 */
import { systemClock, within } from '../../src/at';
import type { Modem } from '../../src/modem';

/** How a modem is made, and let go of. */
export interface Blueprint {
  /** Two modems with the same one need not be told apart. */
  readonly settings: string;
  create(): Modem;
  /** It rests, or was stopped: the process may end. */
  onResting(): void;
  /** It rested, and its node is back. */
  onResuming(): void;
  /** It was stopped, for good when its node was deleted. */
  release(forGood: boolean): Promise<void>;
}

interface Running extends Blueprint {
  readonly modem: Modem;
  /** Set while nobody uses it. */
  cancelEnd?: (() => void) | undefined;
}

/** How long a modem waits for its node to come back, in ms: a deploy takes less. */
const GRACE = 5000;
/** In ms. Node-RED waits 15 s for a node to close; a port that the operating system does not release must not delay it that long. */
const CLOSE_LIMIT = 12_000;

export class RunningModems {
  private readonly running = new Map<string, Running>();
  /** Resolves when the last modem of a node has let go of its port. */
  private readonly ended = new Map<string, Promise<unknown>>();

  /** The modem of this node: the one that runs if its settings are these, or else a new one. */
  take(id: string, blueprint: Blueprint): Modem {
    const known = this.running.get(id);
    known?.cancelEnd?.();
    if (known?.settings === blueprint.settings) {
      known.cancelEnd = undefined;
      known.onResuming();
      return known.modem;
    }
    if (known) void this.stop(id, known);
    const modem = blueprint.create();
    this.running.set(id, { ...blueprint, modem });
    const start = (): void => {
      if (this.running.get(id)?.modem === modem) modem.start();
    };
    // Nodes that are made at the same time have declared what they want by then.
    void (this.ended.get(id) ?? Promise.resolve()).then(() => setImmediate(start));
    return modem;
  }

  /** Its node was closed, and may be back in a moment. Resolves when the process may end without a loss. */
  async rest(id: string): Promise<void> {
    const known = this.running.get(id);
    if (!known || known.cancelEnd) return;
    const timer = setTimeout(() => void this.stop(id, known), GRACE).unref();
    const cancelEnd = (): void => clearTimeout(timer);
    known.cancelEnd = cancelEnd;
    await known.modem.settle();
    // Its node may be back already.
    if (known.cancelEnd === cancelEnd) known.onResting();
  }

  /** Nobody needs it, so what it has open in the module is closed. @param forGood its node was deleted */
  async end(id: string, forGood: boolean): Promise<void> {
    const known = this.running.get(id);
    if (known) await this.stop(id, known, { closesSockets: true, forGood });
    else await this.ended.get(id);
  }

  private async stop(id: string, running: Running, { closesSockets = false, forGood = false } = {}) {
    const { modem } = running;
    if (this.running.get(id) !== running) return;
    running.cancelEnd?.();
    this.running.delete(id);
    const closing = modem.stop({ closesSockets }).then(() => {
      running.onResting();
      return running.release(forGood);
    });
    const ended = Promise.all([
      this.ended.get(id),
      within(systemClock, CLOSE_LIMIT, closing).catch(() => undefined),
    ]);
    this.ended.set(id, ended);
    await ended;
    if (this.ended.get(id) === ended) this.ended.delete(id);
  }
}
