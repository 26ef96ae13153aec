import type { Duplex } from 'node:stream';
import type { Transport } from '../at';
import { linkOver } from './stream';

/** An AT port in this process; `attach` gives a fresh stream each time. */
export function inProcessTransport(name: string, attach: () => Duplex): Transport {
  return {
    name,
    open: (events) => Promise.resolve(linkOver(attach(), name, events)),
  };
}
