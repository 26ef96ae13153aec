import { type Clock, type Link, type LinkEvents, type Transport, within } from '../../at';

export interface PortOptions {
  readonly clock: Clock;
  readonly transport: Transport;
  /** Bytes from the module. */
  readonly onData: LinkEvents['data'];
}

/** Time limit for closing, in ms: the operating system may not close a port whose device was removed. */
const CLOSE_LIMIT = 4000;
/** Time limit for the end of an opening that was given up, in ms. Most end sooner, and the port can be opened again then. */
const ABANDON_LIMIT = 500;

/** One opening of a port, until the operating system has closed it. */
export class Port {
  private noteGone: (reason: Error) => void = () => undefined;
  /** Resolves with the reason once the link is lost or given up. */
  readonly gone = new Promise<Error>((resolve) => (this.noteGone = resolve));

  constructor(private readonly options: PortOptions) {}

  /** Ends the use of the port: an opening in progress is abandoned, and {@link gone} resolves. */
  giveUp(reason: Error): void {
    this.noteGone(reason);
  }

  /**
   * Opens the port, runs `work`, and closes the port. Rejects if opening or `work` fails, or with the reason if the
   * port is given up before it is open.
   */
  async use<T>(work: (link: Link) => Promise<T>): Promise<T> {
    const { clock, transport } = this.options;
    const abandon = new AbortController();
    const events: LinkEvents = {
      data: this.options.onData,
      closed: this.noteGone,
    };
    const opening = transport.open(events, abandon.signal);
    let limit = ABANDON_LIMIT;
    try {
      const first = await Promise.race([opening, this.gone]);
      if (first instanceof Error) throw first;
      limit = CLOSE_LIMIT;
      return await work(first);
    } finally {
      abandon.abort();
      // If the port opens after it was given up, it is closed as well.
      const closing = opening.then(
        (link) => link.close(),
        () => undefined,
      );
      await within(clock, limit, closing);
    }
  }
}
