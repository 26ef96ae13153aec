import type { Duplex } from 'node:stream';
import type { Transport } from '../at';
import { linkOver } from './stream';

/** An AT port in this process. `attach` returns a new stream for each connection. */
export function inProcessTransport(name: string, attach: () => Duplex): Transport {
  return {
    name,
    open: (events) => Promise.resolve(linkOver(attach(), name, events)),
  };
}
