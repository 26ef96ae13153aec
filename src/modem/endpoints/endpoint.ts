/** A declared server or client: opens it, keeps it open, and recognizes its socket in the module. */
import { isRejection } from '../../at';
import type { Protocol, UrcPort } from '../../sockets';
import { offline, orOffline, type QfwdError, toQfwdError } from '../errors';
import { Retry } from '../link/retry';
import type { Session, Survey } from '../link/session';
import type { Layer } from '../stream/layer';
import type { Declared, EndpointObserver, EndpointState, OpenFailure } from '../sockets/declared';
import type { CloseReason, OpenEvent, SocketEvent } from '../sockets/events';
import { explainRefusal } from '../sockets/refusal';
import { closedWhileOpening, closeSocket } from './closing';
import { closeEvent, failedEvent, openEvent } from './endpoint-events';
import type { EndpointHost } from './endpoint-host';
import type { EndpointTraits, EndpointSettings } from './endpoint-traits';
import { openUnderFreeId } from './free-id';
import { withObstacle } from './obstacle';
import { recognize, type Wanted } from './recognition';
import { claimedIdOf, type Closing, heldIdOf, type Opening, shown, type State } from './state';

export class Endpoint<Settings extends EndpointSettings> implements Declared {
  private current: State;
  /** When the current state began: lists requested before are out of date. See {@link EndpointHost.mark}. */
  private since = 0;
  private readonly retry: Retry;
  private hasReported = false;
  /** Events of connections that wait until the opening has been reported. */
  private held: SocketEvent[] | undefined;
  lastFailure: OpenFailure | undefined;

  constructor(
    readonly owner: string,
    private settings: Settings,
    autoOpen: boolean,
    private readonly traits: EndpointTraits<Settings>,
    private readonly host: EndpointHost,
    private readonly observer: EndpointObserver,
  ) {
    this.current = { name: autoOpen ? 'waiting' : 'closed' };
    this.retry = new Retry(
      host.clock,
      () => host.random(),
      () => void this.openInBackground(),
    );
  }

  get kind(): 'server' | 'client' {
    return this.traits.kind;
  }

  get protocol(): Protocol {
    return this.settings.protocol;
  }

  get wish(): string {
    return JSON.stringify(this.settings);
  }

  get idleTimeout(): number | undefined {
    return this.traits.idleTimeout?.(this.settings);
  }

  get urcPort(): UrcPort {
    return this.settings.urcPort;
  }

  get layer(): Layer | undefined {
    return this.settings.layer;
  }

  get state(): EndpointState {
    return shown(this.current);
  }

  get socketId(): number | undefined {
    return this.current.name === 'open' ? this.current.socketId : undefined;
  }

  get heldId(): number | undefined {
    return heldIdOf(this.current);
  }

  get claimedId(): number | undefined {
    return claimedIdOf(this.current);
  }

  async adopt(survey: Survey, stamp: number): Promise<boolean> {
    const { current } = this;
    const isComparable =
      current.name === 'waiting' || current.name === 'suspended' || current.name === 'open';
    if (!isComparable || this.since > stamp) return false;
    const found = recognize(survey, this.wanted(current.socketId));
    // The end of a client is handled by its connection, which may hold unread data.
    if (found === undefined && this.kind === 'server') this.lost();
    if (found === undefined || found === this.socketId) return false;
    if (this.isOutdated() || !this.host.isAdoptable(this, found)) {
      if (current.name === 'suspended') this.enter({ name: 'waiting', socketId: found });
      this.host.discard(found);
      return false;
    }
    const takingOver = this.begin(false, (opening) => this.settle(opening, found));
    if ((await takingOver.catch(() => undefined)) === undefined) return false;
    this.observer.onEvent({ ...this.openEvent(found), adopted: true });
    return true;
  }

  /** Its owner has had this socket open with the same settings, so the module may list it. */
  resume(socketId: number): void {
    if (this.current.name === 'waiting') this.current = { name: 'waiting', socketId };
  }

  openIfMissing(): void {
    if (this.current.name === 'waiting' && !this.retry.isPending) void this.openInBackground();
  }

  suspend(): void {
    const { current, heldId } = this;
    this.retry.stop();
    if (current.name !== 'opening' && current.name !== 'open') return;
    if (heldId === undefined) this.enter({ name: 'waiting', socketId: current.socketId });
    else this.enter({ name: 'suspended', socketId: heldId });
  }

  /**
   * Opens it now, or joins an attempt in progress; a socket with other settings is closed first.
   * @returns the open event
   * @throws {QfwdError}
   */
  async open(settings: Settings): Promise<OpenEvent> {
    const { claimedId, current } = this;
    const wish = JSON.stringify(settings);
    const isSame = wish === this.wish;
    if (current.name === 'retired') throw closedWhileOpening();
    if (current.name === 'open' && isSame) {
      if (await this.isStillThere(current.socketId)) return this.openEvent(current.socketId);
      // A later call wants other settings.
      if (this.wish !== wish) throw closedWhileOpening();
    } else if (current.name === 'opening' && current.result && isSame) {
      return this.openEvent(await current.result);
    } else if (claimedId !== undefined && (current.name === 'closing' || !isSame)) {
      const closing = this.beginToClose(claimedId);
      closing.next = wish;
      await closing.done.catch(() => undefined);
      if (closing.next !== wish) throw closedWhileOpening();
    } else {
      this.settings = settings;
      return this.openEvent(await this.attempt(true));
    }
    return this.open(settings);
  }

  /**
   * Closes it and keeps it closed. Resolves with the close event, or `undefined` when it was not open.
   * @throws {QfwdError}
   */
  async close(): Promise<SocketEvent | undefined> {
    const { claimedId, heldId } = this;
    if (claimedId === undefined) {
      this.retry.reset();
      this.enter({ name: 'closed' });
      return undefined;
    }
    const event = heldId === undefined ? undefined : this.closeEvent(heldId, 'local');
    const closing = this.beginToClose(claimedId);
    closing.next = undefined;
    await closing.done;
    return event;
  }

  async closeAndTell(): Promise<void> {
    const event = await this.close();
    if (event) this.observer.onEvent(event);
  }

  lost(wasUseful = false, reason: CloseReason = 'lost'): void {
    const { heldId } = this;
    if (heldId === undefined) return;
    if (wasUseful) this.retry.reset();
    this.host.onClosed(this, heldId);
    if (this.kind === 'server') this.observer.onEvent(this.closeEvent(heldId, reason));
    if (this.current.name === 'retired') this.current = { name: 'retired', isHeld: false };
    else this.tryAgainLater(heldId);
  }

  tell(event: SocketEvent): void {
    const { current, kind } = this;
    // What a client reports meanwhile is about its connection before.
    if (kind === 'server' && !this.held && current.name === 'opening') void this.holdUntilReported(current);
    if (this.held) this.held.push(event);
    else this.observer.onEvent(event);
  }

  tellMissed(event: SocketEvent): void {
    this.observer.onEvent(event);
  }

  reportError(error: QfwdError): void {
    this.observer.onError(error);
  }

  admits(ip: string, connections: number): boolean {
    return this.traits.admits?.(this.settings, ip, connections) ?? true;
  }

  retire(): void {
    this.retry.stop();
    this.current = { name: 'retired', socketId: this.claimedId, isHeld: this.heldId !== undefined };
  }

  /** The module may say in one piece that a server is open and that it has a connection. */
  private async holdUntilReported({ result }: Opening): Promise<void> {
    const held: SocketEvent[] = (this.held = []);
    await result?.catch(() => undefined);
    // Delayed, as the opening may be reported by the caller of open().
    this.host.timers.after(0, () => {
      this.held = undefined;
      for (const event of held) this.observer.onEvent(event);
    });
  }

  /** Asks the module; reports a missing socket as closed. @throws {QfwdError} */
  private async isStillThere(socketId: number): Promise<boolean> {
    const { current } = this;
    let survey: Survey;
    try {
      survey = await this.host.list();
    } catch (error) {
      // The query may have failed because the socket was closed meanwhile.
      this.checkWanted();
      throw toQfwdError(error);
    }
    this.checkWanted();
    // The URC for its end may have arrived meanwhile.
    if (this.current !== current) return false;
    if (recognize(survey, this.wanted(socketId)) === socketId) return true;
    if (this.kind === 'client') this.observer.onEvent(this.closeEvent(socketId, 'peer'));
    this.lost();
    return false;
  }

  /** Closes it, or joins a close in progress. */
  private beginToClose(socketId: number): Closing {
    if (this.current.name === 'closing') return this.current;
    this.retry.reset();
    const done = closeSocket(this.host, this, socketId, () => this.isListed(socketId)).finally(() => {
      if (this.current === closing) this.enter({ name: 'closed' });
    });
    const closing: Closing = { name: 'closing', socketId, done };
    this.enter(closing);
    return closing;
  }

  /** Whether the module lists the socket. */
  private async isListed(socketId: number): Promise<boolean> {
    const survey = await this.host.list().catch(() => undefined);
    return !survey || recognize(survey, this.wanted(socketId)) === socketId;
  }

  private async openInBackground(): Promise<void> {
    const socketId = await this.attempt(false).catch(() => undefined);
    if (socketId !== undefined) this.observer.onEvent(this.openEvent(socketId));
  }

  /** One attempt; schedules the next unless open or close was called meanwhile. @returns the socket id */
  private attempt(isAsked: boolean): Promise<number> {
    const { current } = this;
    const { session } = this.host.current;
    if (session) return this.begin(isAsked, (opening) => this.tryToOpen(opening, session));
    if (current.name !== 'suspended')
      this.tryAgainLater('socketId' in current ? current.socketId : undefined);
    return Promise.reject(offline());
  }

  private begin(isAsked: boolean, run: (opening: Opening) => Promise<number>): Promise<number> {
    this.retry.stop();
    const opening: Opening = { name: 'opening', isAsked, isHeld: false };
    this.enter(opening);
    return (opening.result = run(opening));
  }

  private async tryToOpen(opening: Opening, session: Session): Promise<number> {
    try {
      const socketId = await openUnderFreeId(session, this.host, this.wanted(), {
        onId: (id) => (opening.socketId = id),
        check: () => this.checkCurrent(opening),
      });
      if (this.current !== opening) this.host.discard(socketId);
      return await this.settle(opening, socketId);
    } catch (error) {
      const reason = isRejection(error) ? await explainRefusal(session, error) : toQfwdError(error);
      const failure = await withObstacle(session, reason);
      if (this.current === opening) this.onFailed(opening, failure);
      throw failure;
    }
  }

  /** The module has opened the socket. */
  private async settle(opening: Opening, socketId: number): Promise<number> {
    this.checkCurrent(opening);
    opening.socketId = socketId;
    opening.isHeld = true;
    await this.host.onOpened(this, socketId);
    this.checkCurrent(opening);
    this.retry.noteWorking();
    this.hasReported = false;
    this.lastFailure = undefined;
    this.enter({ name: 'open', socketId });
    return socketId;
  }

  private onFailed({ isAsked, socketId }: Opening, error: QfwdError): void {
    // The end of the session is reported separately.
    if (!this.host.current.session) return this.suspend();
    this.lastFailure = { error, at: this.host.clock.now() };
    this.tryAgainLater(socketId);
    if (isAsked) return;
    this.observer.onEvent(failedEvent(this.kind, socketId, error));
    if (this.hasReported) return;
    this.hasReported = true;
    this.observer.onError(error);
  }

  private tryAgainLater(socketId: number | undefined): void {
    if (!this.traits.isKept(this.settings)) return this.enter({ name: 'ended' });
    this.enter({ name: 'waiting', socketId });
    if (this.host.current.session) this.retry.schedule();
  }

  /** Throws if another operation has replaced this attempt. @throws {QfwdError} */
  private checkCurrent(opening: Opening): void {
    if (this.current === opening) return;
    orOffline(this.host.current.session);
    throw closedWhileOpening();
  }

  /** Throws if it was closed by a call. @throws {QfwdError} */
  private checkWanted(): void {
    const { name } = this.current;
    if (name === 'closing' || name === 'closed' || name === 'retired') throw closedWhileOpening();
  }

  /** Whether settings that the lists do not show have changed since the socket was opened. */
  private isOutdated(): boolean {
    const before = this.host.openedWith.get(this.owner);
    return before !== undefined && before !== this.traits.unlistedSettings(this.settings);
  }

  /** @param id its current or last socket id */
  private wanted(id?: number): Wanted<Settings> {
    const { host, owner, settings, traits } = this;
    return { owner, id, settings, traits, isFree: (socketId) => host.isFree(socketId, owner) };
  }

  private openEvent(socketId: number): OpenEvent {
    return openEvent(this.kind, socketId, this.host);
  }

  private closeEvent(socketId: number, reason: CloseReason): SocketEvent {
    return closeEvent(this.kind, socketId, reason, this.host);
  }

  private enter(state: State): void {
    const before = this.state;
    this.current = state;
    this.since = this.host.mark();
    if (this.state !== before) this.observer.onState(this.state);
  }
}
