import type { Clock, Turn } from '../../at';
import type { Connection } from './connection';
import type { DataLine } from './data-line';
import type { DataOwner } from './data-owner';
import { laneOf } from '../link/lines';
import type { Polling } from './polling';
import { deliveryFailure } from './send-failure';

export interface DeliveryOptions {
  readonly clock: Clock;
  readonly polling: Polling;
  readonly line: DataLine;
  readonly owner: DataOwner;
}

/** Confirms delivery to the peer: polls the queue figures until the module has no unsent data. */
export class Delivery {
  constructor(private readonly options: DeliveryOptions) {}

  /**
   * Resolves when the module has delivered all accepted data. Rejects with a {@link QfwdError}.
   * @param timeout in ms
   */
  async confirmed(connection: Connection, timeout: number): Promise<void> {
    const { clock, line, polling } = this.options;
    const deadline = clock.now() + timeout;
    const turn: Turn = {
      lane: laneOf('send', connection.socketId),
      isWanted: () => connection.state !== 'closed' && clock.now() < deadline,
    };
    const isSent = async (): Promise<boolean> => {
      const { sendUsed } = await line.queues(connection.socketId, turn);
      return sendUsed === 0;
    };
    const cancelExpiry = clock.after(timeout, () => line.withdraw(turn));
    try {
      if (!(await isSent())) await polling.until(connection, deadline, isSent);
    } catch (error) {
      throw await deliveryFailure(error, connection, timeout, () => this.options.owner.isAlive(connection));
    } finally {
      cancelExpiry();
    }
  }
}
