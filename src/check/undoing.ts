/** A port whose module is left with the settings that it had before. */
import {
  asking,
  AtError,
  type Ask,
  type Change,
  Channel,
  type Clock,
  type Link,
  type LinkEvents,
  plainCommand,
  type Transport,
} from '../at';

export interface UndoingOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly changes: readonly Change[];
  readonly isUnsolicited: (line: string) => boolean;
}

interface Found {
  /** By the query; missing what the module does not show. */
  readonly lines: ReadonlyMap<Change, readonly string[]>;
  readonly hasEcho: boolean;
}

/** For one response, in ms. */
const TIMEOUT = 5000;
/** For commands that undo: a PDP context is deactivated in up to 40 s. */
const UNDO_TIMEOUT = 40_000;
const ECHO_ON = 'ATE1';
/** A query that came back. The first one does if echo is on, whatever is set to get in step after it. */
const ECHO = /AT\+[A-Z]+\?/;
const LONGEST_QUERY = 32;
/** The beginning of a sentence of a GNSS receiver. */
const NMEA = /\$G[A-Z]{4},/;

export class UndoingTransport implements Transport {
  readonly name: string;
  /** What was found at the first opening: later, it is what the driver has set. */
  private found: Found | undefined;
  private link: Link | undefined;
  private receiver: LinkEvents = { data: () => undefined, closed: () => undefined };
  private isKept = false;

  constructor(private readonly options: UndoingOptions) {
    this.name = options.transport.name;
  }

  /** Also rejects if the module does not answer. */
  async open(events: LinkEvents, abandoned?: AbortSignal): Promise<Link> {
    this.receiver = events;
    const link = await this.openLink(abandoned);
    this.link = link;
    const close = (): Promise<void> => {
      this.link = undefined;
      return link.close();
    };
    try {
      this.found ??= await this.talk(link, (ask, hasEcho) => this.find(ask, hasEcho), abandoned);
    } catch (error) {
      await close();
      throw error;
    }
    this.receiver = events;
    return { ...link, close: () => (this.isKept ? Promise.resolve() : close()) };
  }

  /** Once it is open, it stays so until it is closed, also if that is no longer wanted. */
  private async openLink(abandoned: AbortSignal | undefined): Promise<Link> {
    const giving = new AbortController();
    const giveUp = (): void => giving.abort();
    abandoned?.addEventListener('abort', giveUp);
    if (abandoned?.aborted) giveUp();
    const events: LinkEvents = {
      data: (chunk) => this.receiver.data(chunk),
      closed: (reason) => {
        this.link = undefined;
        this.receiver.closed(reason);
      },
    };
    try {
      return await this.options.transport.open(events, giving.signal);
    } finally {
      abandoned?.removeEventListener('abort', giveUp);
    }
  }

  /** From now on, a port that is open stays open until {@link undo} closes it. */
  keep(): void {
    this.isKept = true;
  }

  /** Undoes what was changed, as far as the module answers, and closes the port. Never rejects. */
  async undo(): Promise<void> {
    const { found, link } = this;
    if (!link) return;
    if (found) await this.talk(link, (ask) => this.restore(ask, found)).catch(() => undefined);
    await link.close();
  }

  private async find(ask: Ask, hasEcho: () => boolean): Promise<Found> {
    const lines = new Map<Change, readonly string[]>();
    for (const change of this.options.changes) {
      const shown = await ask(change.query);
      if (shown) lines.set(change, shown);
    }
    return { lines, hasEcho: hasEcho() };
  }

  private async restore(ask: Ask, { lines, hasEcho }: Found): Promise<void> {
    for (const [change, before] of lines) {
      const now = (await ask(change.query)) ?? [];
      for (const text of change.undo(before, now))
        await ask({ ...plainCommand(text), timeout: UNDO_TIMEOUT });
    }
    if (hasEcho) await ask(plainCommand(ECHO_ON));
  }

  /** Rejects if the module does not answer, or the port is lost or abandoned. */
  private async talk<T>(
    link: Link,
    work: (ask: Ask, hasEcho: () => boolean) => Promise<T>,
    abandoned?: AbortSignal,
  ): Promise<T> {
    const { clock, isUnsolicited } = this.options;
    let heard = '';
    let hasEcho = false;
    let isNmea = false;
    const channel = new Channel(link, {
      clock,
      timeout: TIMEOUT,
      isUnsolicited,
      onUnsolicited: () => undefined,
      onResync: () => undefined,
      onFailed: () => undefined,
    });
    this.receiver = {
      data: (chunk) => {
        heard += chunk.toString('latin1');
        hasEcho ||= ECHO.test(heard);
        isNmea ||= NMEA.test(heard);
        heard = heard.slice(-LONGEST_QUERY);
        channel.receive(chunk);
      },
      closed: (reason) => channel.close(reason),
    };
    const onAbandoned = (): void => channel.close(new Error('the port is no longer wanted'));
    abandoned?.addEventListener('abort', onAbandoned);
    if (abandoned?.aborted) onAbandoned();
    try {
      await channel.synchronize().catch((error: unknown) => {
        const { message } = error as Error;
        throw isNmea ? new Error(`${message}, but positions (NMEA) come from this port`) : error;
      });
      return await work(tolerant(asking((command) => channel.execute(command))), () => hasEcho);
    } finally {
      abandoned?.removeEventListener('abort', onAbandoned);
      channel.close(new Error('nothing more is said'));
    }
  }
}

/** A response that is missing or invalid counts as ERROR, as long as the module answers at all. */
function tolerant(ask: Ask): Ask {
  return (command) =>
    ask(command).catch((error: unknown) => {
      if (error instanceof AtError && error.failure === 'lost') throw error;
      return undefined;
    });
}
