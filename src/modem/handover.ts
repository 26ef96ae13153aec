import type { ModemMemory } from './options';
import type { Parts } from './wiring';

/** Passes what is known of the connections from one modem object of a module to the next. */
export class Handover {
  private hasInherited = false;

  constructor(
    private readonly parts: Parts,
    private readonly memory: ModemMemory | undefined,
  ) {}

  /** The modem object before this one has stopped. */
  inherit(): void {
    const { memory } = this;
    if (!memory) return;
    this.hasInherited = true;
    const { connections, declarations } = this.parts;
    connections.inherit(memory.connections, memory.highestAccepted);
    for (const [owner, events] of memory.missed) events.forEach((event) => declarations.tell(owner, event));
    memory.missed = [];
  }

  /**
   * This modem object is about to stop, or may be. The next one takes its connections over, or reports that they have
   * ended. One that was never started knows nothing.
   */
  bequeath(): void {
    const { memory } = this;
    if (!memory || !this.hasInherited) return;
    const { connections, declarations } = this.parts;
    memory.connections = connections.table.origins();
    memory.highestAccepted = connections.table.highestAccepted;
    memory.missed = declarations.missed();
  }
}
