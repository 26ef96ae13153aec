import type { Transport } from '../at';

/** Lets somebody see what comes from the module, byte by byte, for a while. */
export class LineTap {
  private heard: Buffer[] | undefined;

  /** The same transport, with the tap in it. */
  on(transport: Transport): Transport {
    return {
      name: transport.name,
      open: (events, signal) =>
        transport.open(
          {
            closed: (reason) => events.closed(reason),
            data: (chunk) => {
              this.heard?.push(Buffer.from(chunk));
              events.data(chunk);
            },
          },
          signal,
        ),
    };
  }

  /** All that comes while the work is done, bytes as characters. */
  async during(work: () => Promise<unknown>): Promise<string> {
    const heard: Buffer[] = [];
    this.heard = heard;
    try {
      await work();
    } finally {
      this.heard = undefined;
    }
    return Buffer.concat(heard).toString('latin1');
  }
}
