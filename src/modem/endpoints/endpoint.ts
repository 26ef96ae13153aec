/**
 * A server or client that somebody declared: what should be open, and what is.
 *
 *     closed ⇄ opening ⇄ open        as long as there is a session
 *        └──── waiting ────┘         for a session, or for the next try
 */
import { isRejection } from '../../at';
import type { Protocol, UrcPort } from '../../sockets';
import { offline, orOffline, QfwdError, toQfwdError } from '../errors';
import { Retry } from '../link/retry';
import type { Session, Survey } from '../link/session';
import type { Declared, EndpointObserver, EndpointState } from '../sockets/declared';
import type { OpenEvent, SocketEvent } from '../sockets/events';
import { explainRefusal } from '../sockets/refusal';
import type { EndpointHost } from './endpoint-host';
import type { EndpointKind, EndpointSettings } from './endpoint-kind';
import { openUnderFreeId } from './free-id';
import { recognize } from './recognition';

export class Endpoint<Settings extends EndpointSettings> implements Declared {
  private current: EndpointState = 'closed';
  private isWanted: boolean;
  private id: number | undefined;
  private isHeld = false;
  private isClosing = false;
  /** When it was opened; see {@link EndpointHost.mark}. */
  private openedAt = 0;
  private readonly retry: Retry;
  private hasComplained = false;
  /** Counts changes of mind, so that a try that took long knows whether it is still wanted. */
  private intent = 0;
  /** The last try, of which others may await the end. */
  private trying: Promise<number> | undefined;

  constructor(
    readonly owner: string,
    private settings: Settings,
    autoOpen: boolean,
    private readonly kind: EndpointKind<Settings>,
    private readonly host: EndpointHost,
    private readonly observer: EndpointObserver,
  ) {
    this.isWanted = autoOpen;
    this.retry = new Retry(
      host.clock,
      () => host.random(),
      () => void this.keepTrying(),
    );
    if (autoOpen) this.current = 'waiting';
  }

  private get session(): Session | undefined {
    return this.host.current.session;
  }

  get name(): 'server' | 'client' {
    return this.kind.name;
  }

  get protocol(): Protocol {
    return this.settings.protocol;
  }

  get urcPort(): UrcPort {
    return this.settings.urcPort;
  }

  get state(): EndpointState {
    return this.current;
  }

  get socketId(): number | undefined {
    return this.current === 'open' ? this.id : undefined;
  }

  get heldId(): number | undefined {
    return this.isHeld ? this.id : undefined;
  }

  get claimedId(): number | undefined {
    return this.isHeld || this.isClosing || this.current === 'opening' ? this.id : undefined;
  }

  async adopt(survey: Survey, stamp: number): Promise<boolean> {
    if (!this.isWanted || this.current === 'opening' || this.openedAt > stamp) return false;
    const found = this.find(survey);
    // That a client is gone is noticed by its connection, which may hold unread data.
    if (found === undefined && this.kind.name === 'server') this.lost();
    if (found === undefined || (this.current === 'open' && found === this.id)) return false;
    if (this.isOutdated()) {
      this.host.discard(found);
      return false;
    }
    this.retry.stop();
    const intent = ++this.intent;
    await this.opened(found, intent);
    if (intent !== this.intent) return false;
    this.observer.onEvent({ ...this.openEvent(found, 0), adopted: true });
    return true;
  }

  openIfMissing(): void {
    const isMissing = this.isWanted && this.current === 'waiting' && !this.isHeld;
    if (isMissing && !this.retry.isPending) void this.keepTrying();
  }

  suspend(): void {
    this.intent++;
    this.retry.stop();
    if (this.isWanted) this.enter('waiting');
  }

  /**
   * Opens it now, or joins who does; what is open with other settings is closed first.
   * @returns the event of its opening
   * @throws {QfwdError}
   */
  async open(settings: Settings): Promise<OpenEvent> {
    const isSame = JSON.stringify(settings) === JSON.stringify(this.settings);
    if (this.current === 'open' && this.id !== undefined && isSame && (await this.isStillThere(this.id))) {
      return this.openEvent(this.id, 0);
    }
    if (this.current === 'opening' && this.trying && isSame) return this.openEvent(await this.trying, 0);
    if (this.current === 'opening' || (this.isHeld && !isSame)) await this.close().catch(() => undefined);
    this.settings = settings;
    this.isWanted = true;
    this.retry.stop();
    return this.openEvent(await this.attempt(), 0);
  }

  /**
   * Closes it and leaves it closed. Resolves with the event of its closing, or nothing when it was not open.
   * @throws {QfwdError}
   */
  async close(): Promise<SocketEvent | undefined> {
    const { id, claimedId, isHeld } = this;
    const event = isHeld && id !== undefined ? this.closeEvent(id) : undefined;
    this.retire();
    this.enter('closed');
    if (id === undefined || claimedId === undefined) return undefined;
    this.isHeld = false;
    if (!this.session) this.host.leave(this, id);
    this.isClosing = true;
    try {
      const session = orOffline(this.session);
      session.abandonOpen(id, changedMind());
      await session.close(id);
    } catch (error) {
      // What was only being opened may not be there yet, and what was open may be gone already.
      if (!isRejection(error) || (isHeld && (await this.isListed(id)))) throw toQfwdError(error);
    } finally {
      this.isClosing = false;
      this.host.onClosed(this, id);
    }
    return event;
  }

  async closeAndTell(): Promise<void> {
    const event = await this.close();
    if (event) this.observer.onEvent(event);
  }

  lost(): void {
    if (!this.isHeld || this.id === undefined) return;
    this.isHeld = false;
    this.host.onClosed(this, this.id);
    if (this.kind.name === 'server') this.observer.onEvent(this.closeEvent(this.id));
    this.tryAgainLater();
  }

  tell(event: SocketEvent): void {
    this.observer.onEvent(event);
  }

  admits(ip: string, connections: number): boolean {
    return this.kind.admits?.(this.settings, ip, connections) ?? true;
  }

  retire(): void {
    this.intent++;
    this.isWanted = false;
    this.retry.stop();
  }

  /** Asks the module; what is gone is told as closed. @throws {QfwdError} */
  private async isStillThere(socketId: number): Promise<boolean> {
    const { intent } = this;
    try {
      if (this.find(await this.host.list()) === socketId) return true;
    } catch (error) {
      // It may have failed because the socket was closed meanwhile.
      this.checkIntent(intent);
      throw toQfwdError(error);
    }
    this.checkIntent(intent);
    // Its end may have been reported meanwhile.
    if (!this.isHeld) return false;
    if (this.kind.name === 'client') this.observer.onEvent(this.closeEvent(socketId));
    this.lost();
    return false;
  }

  /** Whether the module has it, as far as it says. */
  private async isListed(socketId: number): Promise<boolean> {
    const survey = await this.host.list().catch(() => undefined);
    return !survey || this.find(survey) === socketId;
  }

  private async keepTrying(): Promise<void> {
    const trying = this.attempt();
    const { intent } = this;
    try {
      const socketId = await trying;
      this.observer.onEvent(this.openEvent(socketId, 0));
    } catch (error) {
      if (intent === this.intent) this.complain(toQfwdError(error));
    }
  }

  private complain(error: QfwdError): void {
    if (error.result !== undefined && this.id !== undefined) {
      this.observer.onEvent(this.openEvent(this.id, error.result));
    }
    if (this.hasComplained || !this.session) return;
    this.hasComplained = true;
    this.observer.onError(error);
  }

  private tryAgainLater(): void {
    if (!this.isWanted) return;
    if (!this.kind.isKept(this.settings)) {
      this.isWanted = false;
      return this.enter('closed');
    }
    this.enter('waiting');
    if (this.session) this.retry.schedule();
    else this.retry.stop();
  }

  private attempt(): Promise<number> {
    return (this.trying = this.tryOnce());
  }

  /** One try, and what comes after it fails, unless somebody changed his mind meanwhile. @returns the socket id. */
  private async tryOnce(): Promise<number> {
    const intent = ++this.intent;
    const { session } = this;
    try {
      if (!session) throw offline();
      this.enter('opening');
      const socketId = await openUnderFreeId(session, this.host, {
        owner: this.owner,
        settings: this.settings,
        kind: this.kind,
        onId: (id) => (this.id = id),
        find: (survey) => this.find(survey),
        check: () => this.checkIntent(intent),
      });
      if (intent === this.intent) await this.opened(socketId, intent);
      else this.host.discard(socketId);
      this.checkIntent(intent);
      return socketId;
    } catch (error) {
      if (intent === this.intent) this.tryAgainLater();
      if (!session || !isRejection(error)) throw toQfwdError(error);
      throw await explainRefusal(session, error);
    }
  }

  private checkIntent(intent: number): void {
    if (intent === this.intent) return;
    orOffline(this.session);
    throw changedMind();
  }

  /** What the module has was opened with settings that the lists do not show, and that have changed since. */
  private isOutdated(): boolean {
    const before = this.host.openedWith.get(this.owner);
    return before !== undefined && before !== this.kind.unlistedSettings(this.settings);
  }

  private find(survey: Survey): number | undefined {
    const { host, id, kind, owner, settings } = this;
    const isFree = (socketId: number) => host.isFree(socketId, owner);
    return recognize(survey, { owner, id, settings, kind, isFree });
  }

  private async opened(socketId: number, intent: number): Promise<void> {
    this.id = socketId;
    this.isHeld = true;
    this.openedAt = this.host.mark();
    this.retry.reset();
    this.hasComplained = false;
    await this.host.onOpened(this, socketId);
    if (intent === this.intent) this.enter('open');
  }

  private openEvent(socketId: number, result: number): OpenEvent {
    return { event: `${this.kind.name}/open`, socketId, result, ...this.host.endsOf(socketId) };
  }

  private closeEvent(socketId: number): SocketEvent {
    return { event: `${this.kind.name}/close`, socketId, ...this.host.endsOf(socketId) };
  }

  private enter(state: EndpointState): void {
    if (state === this.current) return;
    this.current = state;
    this.observer.onState(state);
  }
}

function changedMind(): QfwdError {
  return new QfwdError('QFWD_CLOSED', 'the socket was closed while it was being opened');
}
