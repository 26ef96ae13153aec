import type { Endpoint } from './address';

/** A datagram, and who sent it. */
export interface Datagram {
  readonly data: Buffer;
  readonly from: Endpoint;
}

/** A FIFO of datagrams. */
export class DatagramQueue {
  readonly #datagrams: Datagram[] = [];
  #bytes = 0;

  /** How many datagrams. */
  get length(): number {
    return this.#datagrams.length;
  }

  /** How many bytes they have in all. */
  get bytes(): number {
    return this.#bytes;
  }

  push(datagram: Datagram): void {
    this.#datagrams.push(datagram);
    this.#bytes += datagram.data.length;
  }

  /** Removes and returns at most `max` bytes of the oldest datagram. What is longer stays there only if `keepsRest`. */
  take(max: number, keepsRest: boolean): Datagram | undefined {
    const first = this.#datagrams.shift();
    if (!first) return undefined;
    const data = first.data.subarray(0, max);
    const rest = first.data.subarray(max);
    if (rest.length > 0 && keepsRest) this.#datagrams.unshift({ ...first, data: rest });
    this.#bytes -= keepsRest ? data.length : first.data.length;
    return { ...first, data };
  }
}
