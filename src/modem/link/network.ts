/** Polls whether the module is registered on a mobile network, as that can change at any time. */
import { type AtError, type Channel, type Clock, plainCommand } from '../../at';
import { doubled } from './backoff';
import { askRegistration, isDenied, isRegistered, type Registration } from './registration';

export type NetworkStatus =
  | { readonly name: 'unknown' }
  | { readonly name: 'registered' }
  /** `isIdle`: the module does not search. */
  | { readonly name: 'searching'; readonly isIdle: boolean }
  /** Registration denied. `cause`: the text of AT+CEER, if any. */
  | { readonly name: 'denied'; readonly cause: string | undefined };

const FIRST_PAUSE = 1000;
const LAST_PAUSE = 10_000;
const REGISTERED_PAUSE = 30_000;
/** 3GPP TS 27.007 7.2: not registered, and not searching. */
const NOT_SEARCHING = 0;

export class NetworkWatch {
  status: NetworkStatus = { name: 'unknown' };
  private polls = 0;
  private isAsking = false;
  /** The registration may have changed since the query was sent. */
  private isOutdated = false;
  private isStopped = false;
  private cancel: () => void = () => undefined;

  /** @param onStatus called for each change of the status */
  constructor(
    private readonly line: Pick<Channel, 'execute'>,
    private readonly clock: Clock,
    private readonly onStatus: (status: NetworkStatus) => void,
  ) {}

  start(): void {
    void this.look();
  }

  stop(): void {
    this.isStopped = true;
    this.cancel();
  }

  /** The registration may have changed. */
  noteSign(): void {
    this.polls = 0;
    if (this.isAsking) this.isOutdated = true;
    else if (this.status.name !== 'unknown') void this.look();
  }

  private async look(): Promise<void> {
    this.cancel();
    this.isAsking = true;
    this.isOutdated = false;
    // If the line is lost, polling ends.
    const found = await this.find().catch(() => undefined);
    this.isAsking = false;
    if (this.isStopped || !found) return;
    const isNews = JSON.stringify(found) !== JSON.stringify(this.status);
    this.status = found;
    this.cancel = this.clock.after(this.pause(), () => void this.look());
    if (isNews) this.onStatus(found);
  }

  private pause(): number {
    if (this.isOutdated) return FIRST_PAUSE;
    if (this.status.name !== 'registered') return doubled(this.polls++, FIRST_PAUSE, LAST_PAUSE);
    this.polls = 0;
    return REGISTERED_PAUSE;
  }

  private async find(): Promise<NetworkStatus> {
    const found = await askRegistration((text, prefix) => this.ask(text, prefix));
    if (found.some(isRegistered)) return { name: 'registered' };
    if (found.some(isDenied)) {
      const { status } = this;
      return { name: 'denied', cause: status.name === 'denied' ? status.cause : await this.cause() };
    }
    return { name: 'searching', isIdle: found.length > 0 && found.every(isIdle) };
  }

  /** AT+CEER (3GPP TS 27.007 6.10) */
  private async cause(): Promise<string | undefined> {
    const [line = ''] = (await this.ask('AT+CEER', '+CEER:')) ?? [];
    const cause = line.replace(/^\+CEER:\s*/, '');
    return cause === '' ? undefined : cause;
  }

  /** Rejects when the line is lost. */
  private async ask(text: string, prefix: string): Promise<readonly string[] | undefined> {
    try {
      return await this.line.execute(plainCommand(text, [prefix]));
    } catch (error) {
      if ((error as AtError).failure === 'lost') throw error;
      return undefined;
    }
  }
}

function isIdle({ status }: Registration): boolean {
  return status === NOT_SEARCHING;
}
