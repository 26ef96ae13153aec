import { type Clock, type Link, type LinkEvents, type Transport, within } from '../../at';

export interface PortOptions {
  readonly clock: Clock;
  readonly transport: Transport;
  /** Bytes from the module. */
  readonly onData: LinkEvents['data'];
}

/** The operating system may not let go of a port whose device is gone. In ms. */
const CLOSE_LIMIT = 4000;

/** One opening of a port, from the first try until the operating system has let go of it. */
export class Port {
  private noteGone: (reason: Error) => void = () => undefined;
  /** Resolves with the reason once the link is lost or given up. */
  readonly gone = new Promise<Error>((resolve) => (this.noteGone = resolve));

  constructor(private readonly options: PortOptions) {}

  /** Nobody wants it any more: an opening under way is not waited for, and whoever uses it is told by {@link gone}. */
  giveUp(reason: Error): void {
    this.noteGone(reason);
  }

  /**
   * Opens it for `work`, and closes it after that. Rejects as opening does, with the reason when it is given up before it
   * is open, or as `work` does.
   */
  async use<T>(work: (link: Link) => Promise<T>): Promise<T> {
    const { clock, transport } = this.options;
    const abandon = new AbortController();
    const events: LinkEvents = {
      data: this.options.onData,
      closed: this.noteGone,
    };
    const opening = transport.open(events, abandon.signal);
    try {
      const first = await Promise.race([opening, this.gone]);
      if (first instanceof Error) throw first;
      return await work(first);
    } finally {
      abandon.abort();
      // A port that opens only when nobody wants it any more is closed, too.
      const closing = opening.then(
        (link) => link.close(),
        () => undefined,
      );
      await within(clock, CLOSE_LIMIT, closing);
    }
  }
}
