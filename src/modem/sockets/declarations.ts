import type { Limits } from '../../sockets';
import type { Declared } from './declared';
import type { SocketEvent } from './events';
import { isOurs } from './socket-id';

/** What was open when its owner went away. */
export interface Orphan {
  readonly name: 'server' | 'client';
  readonly socketId: number;
  /** Its owner did not come back. */
  isDue: boolean;
  /** What happened to its connections meanwhile, which the owner is told when it is back. */
  readonly missed: SocketEvent[];
}

/** Far more than a deploy lets happen. */
const MISSED_LIMIT = 1000;

/** Who has declared which server or client, and what was left open by those who no longer do. */
export class Declarations {
  private readonly endpoints = new Map<string, Declared>();
  private readonly orphans = new Map<string, Orphan>();
  private readonly reserved = new Set<number>();

  all(): Declared[] {
    return [...this.endpoints.values()];
  }

  /** Whether it has declared something, or may be back in a moment. */
  isKnown(owner: string): boolean {
    return this.endpoints.has(owner) || this.orphans.has(owner);
  }

  of(owner: string): Declared | undefined {
    return this.endpoints.get(owner);
  }

  /** @returns what its owner missed while it was away */
  add(endpoint: Declared): readonly SocketEvent[] {
    this.endpoints.set(endpoint.owner, endpoint);
    return this.orphans.get(endpoint.owner)?.missed.splice(0) ?? [];
  }

  /** Something happened to a connection of this owner, which may be away for a moment. */
  tell(owner: string, event: SocketEvent): void {
    const endpoint = this.endpoints.get(owner);
    if (endpoint) return endpoint.tell(event);
    const missed = this.orphans.get(owner)?.missed;
    if (missed && missed.length < MISSED_LIMIT) missed.push(event);
  }

  /** Takes a declaration back; what it has open waits for its owner as an orphan. */
  remove(endpoint: Declared, isDue: boolean): Orphan | undefined {
    const { owner, heldId } = endpoint;
    this.endpoints.delete(owner);
    return heldId === undefined ? undefined : this.leave(endpoint, heldId, isDue);
  }

  /** What an owner has open and does not want any more. */
  leave({ owner, name }: Declared, socketId: number, isDue: boolean): Orphan {
    const orphan = { name, socketId, isDue, missed: [] };
    this.orphans.set(owner, orphan);
    return orphan;
  }

  /** Endpoints that have this socket, or are about to. */
  claimants(socketId: number): Declared[] {
    return this.all().filter(({ claimedId }) => claimedId === socketId);
  }

  /** Whether nobody but the owner has it. */
  isFree(socketId: number, owner: string): boolean {
    return !this.isReserved(socketId) && this.claimants(socketId).every((other) => other.owner === owner);
  }

  /** The driver has it for itself: it is neither to be closed nor to be shown to anybody. */
  reserve(socketId: number): void {
    this.reserved.add(socketId);
  }

  free(socketId: number): void {
    this.reserved.delete(socketId);
  }

  isReserved(socketId: number): boolean {
    return this.reserved.has(socketId);
  }

  /** Whether only we can have opened it, and nobody has it, or may come back for it. */
  isStray(socketId: number, limits: Limits): boolean {
    return isOurs(limits, socketId) && !this.isAwaited(socketId) && this.claimants(socketId).length === 0;
  }

  /** Whether it is kept: for an owner that may come back, or for the driver itself. */
  isAwaited(socketId: number): boolean {
    const isOrphans = [...this.orphans.values()].some((orphan) => orphan.socketId === socketId);
    return isOrphans || this.isReserved(socketId);
  }

  /**
   * What waited for its owner is not needed when the owner has it again, or has not wanted it.
   * @param asked who could have taken it over
   */
  reviewOrphans(asked: readonly Declared[]): void {
    for (const [owner, orphan] of this.orphans) {
      const endpoint = this.of(owner);
      if (endpoint?.claimedId === orphan.socketId) this.orphans.delete(owner);
      else if (endpoint && asked.includes(endpoint)) orphan.isDue = true;
    }
  }

  /** Takes out the orphans whose time has come, but for those that somebody else has taken over. */
  takeDue(): Orphan[] {
    const due = [...this.orphans].filter(([, { isDue }]) => isDue);
    for (const [owner] of due) this.orphans.delete(owner);
    return due.map(([, orphan]) => orphan).filter(({ socketId }) => this.claimants(socketId).length === 0);
  }

  /** Whatever was open is gone. */
  forgetOrphans(): void {
    this.orphans.clear();
  }
}
