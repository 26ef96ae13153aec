import { systemClock, within } from '../../src/at';
import type { Modem } from '../../src/modem';

/** Node-RED gives up after 15 s; a port that the operating system does not let go of must not make it wait so long. */
const CLOSE_LIMIT = 12_000;

/** The modem of a config node: a new one each time that a first user comes, stopped when the last one has gone. */
export class Life {
  private current: Modem | undefined;
  private ended: Promise<unknown> = Promise.resolve();

  /** @param release lets go of what lies between the modem and the module, for good when the node is deleted */
  constructor(
    private readonly create: () => Modem,
    private readonly release: (forGood: boolean) => Promise<void>,
  ) {}

  /** Missing while nobody uses it. */
  get modem(): Modem | undefined {
    return this.current;
  }

  /** Its port is opened when that of the one before is closed, and those that begin at the same time have declared what they want. */
  begin(): Modem {
    const modem = this.create();
    this.current = modem;
    const start = (): void => {
      if (this.current === modem) modem.start();
    };
    void this.ended.then(() => setImmediate(start));
    return modem;
  }

  /** Resolves once the port is closed, or after {@link CLOSE_LIMIT}. */
  async end(forGood: boolean): Promise<void> {
    const stopping = this.current?.stop();
    this.current = undefined;
    const closing = Promise.all([this.ended, stopping]).then(() => this.release(forGood));
    this.ended = within(systemClock, CLOSE_LIMIT, closing).catch(() => undefined);
    await this.ended;
  }
}
