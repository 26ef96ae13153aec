/** What one modem object of a module knows of its connections, and the next one has to know. */
import type { ModemMemory } from './options';
import type { Parts } from './wiring';

/** The modem object is about to stop, or may be. The next one takes its connections over, or reports that they have ended. */
export function bequeath({ connections, declarations }: Parts, memory: ModemMemory | undefined): void {
  if (!memory) return;
  memory.connections = connections.table.origins();
  memory.highestAccepted = connections.table.highestAccepted;
  memory.missed = declarations.missed();
}

/** The modem object before this one has stopped. */
export function inherit({ connections, declarations }: Parts, memory: ModemMemory | undefined): void {
  if (!memory) return;
  connections.inherit(memory.connections, memory.highestAccepted);
  for (const [owner, events] of memory.missed) events.forEach((event) => declarations.tell(owner, event));
  memory.missed = [];
}
