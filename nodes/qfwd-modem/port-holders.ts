/** Which modem node of this process has a port open, for the error of another node that wants to open it. */
import type { Transport } from '../../src/at';

export interface Holder {
  /** Of the modem node. */
  readonly id: string;
  readonly name: string;
}

/** By port. */
const holders = new Map<string, Holder>();

/**
 * The same transport, which refuses to open a port that another modem node has.
 * @param portOf identifies the port, whatever name is used for it
 */
export function heldBy(holder: Holder, transport: Transport, portOf: () => Promise<string>): Transport {
  return {
    name: transport.name,
    open: async (events, abandoned) => {
      const port = await portOf();
      const other = holders.get(port);
      if (other && other.id !== holder.id) {
        throw new Error(
          `${transport.name} is locked by the modem node ${other.name || other.id}: give one of the two another port`,
        );
      }
      holders.set(port, holder);
      const free = (): void => {
        if (holders.get(port) === holder) holders.delete(port);
      };
      try {
        const link = await transport.open(events, abandoned);
        return { ...link, close: () => link.close().finally(free) };
      } catch (error) {
        free();
        throw error;
      }
    },
  };
}
