import type { Counters } from './link/counters';
import type { LinkState } from './link/link-state';
import type { ModuleStatus } from './status/status';
import type { Parts } from './wiring';

/** What a dashboard shows of a modem. What is unknown is missing. */
export interface ModemStatus extends ModuleStatus {
  readonly state: LinkState;
  /** Why it is offline, or what the obstacle is. */
  readonly reason?: string;
  /** The family of socket commands. */
  readonly commands?: string;
  /** The dialect of the firmware as text. */
  readonly dialect?: string;
  /** Number of connections. */
  readonly sockets: number;
  /** Bytes queued for sending. */
  readonly waiting: number;
  readonly counters: Readonly<Counters>;
}

/** See `Modem.status`. */
export async function readStatus({
  connections,
  counters,
  current,
  lifecycle,
  status,
}: Parts): Promise<ModemStatus> {
  const found = await status.read();
  await lifecycle.settled();
  const { reason, state } = lifecycle;
  const { family, description } = current.session?.commands ?? {};
  return {
    state,
    ...(reason && { reason: reason.message }),
    ...(family && { commands: family }),
    ...(description && { dialect: description }),
    ...found,
    sockets: connections.table.all().length,
    waiting: connections.data.budget.waiting,
    counters: { ...counters },
  };
}
