import type { Limits } from '../../sockets';
import type { Connection } from '../data/connection';
import type { Declared } from './declared';
import type { MissedEvents, SocketEvent } from './events';
import { isOurs } from './socket-id';

/** A socket left open when its owner went away. */
export interface Orphan {
  readonly kind: 'server' | 'client';
  readonly socketId: number;
  /** The settings of the endpoint that had it open, as text. */
  readonly wish: string;
  /** The owner did not return in time. */
  isDue: boolean;
  /** Events of its connections meanwhile, delivered when the owner returns. */
  readonly missed: SocketEvent[];
}

/** Far more events than occur during a deploy. */
const MISSED_LIMIT = 1000;

/** Declared servers and clients by owner, and sockets left open by former owners. */
export class Declarations {
  private readonly endpoints = new Map<string, Declared>();
  private readonly orphans = new Map<string, Orphan>();
  private readonly reserved = new Set<number>();
  /** Owners that are briefly away, whose sockets the module has not listed yet. */
  private readonly away = new Map<string, symbol>();

  all(): Declared[] {
    return [...this.endpoints.values()];
  }

  /** Whether the owner has a declaration, or may return shortly. */
  isKnown(owner: string): boolean {
    return this.endpoints.has(owner) || this.orphans.has(owner);
  }

  of(owner: string): Declared | undefined {
    return this.endpoints.get(owner);
  }

  /** @returns events that the owner missed while away */
  add(endpoint: Declared): readonly SocketEvent[] {
    this.endpoints.set(endpoint.owner, endpoint);
    this.away.delete(endpoint.owner);
    return this.orphans.get(endpoint.owner)?.missed.splice(0) ?? [];
  }

  /** An event for this owner, which may be briefly away. */
  tell(owner: string, event: SocketEvent): void {
    const endpoint = this.endpoints.get(owner);
    if (endpoint) return endpoint.tell(event);
    const missed = this.orphans.get(owner)?.missed;
    if (missed && missed.length < MISSED_LIMIT) missed.push(event);
  }

  /** Events of owners that are away. */
  missed(): MissedEvents[] {
    return [...this.orphans].map(([owner, { missed }]) => [owner, [...missed]]);
  }

  /** Removes a declaration; its open socket, if any, waits for the owner as an orphan. */
  remove(endpoint: Declared, heldId: number | undefined, isDue: boolean): Orphan | undefined {
    this.endpoints.delete(endpoint.owner);
    return heldId === undefined ? undefined : this.leave(endpoint, heldId, isDue);
  }

  /** The owner may return, and which sockets are its own is not known. @returns a name for this absence */
  noteAway(owner: string): symbol {
    const absence = Symbol(owner);
    this.away.set(owner, absence);
    return absence;
  }

  /** The owner does not return from this absence. @returns whether it was still away */
  endAway(owner: string, absence: symbol): boolean {
    return this.away.get(owner) === absence && this.away.delete(owner);
  }

  /** A socket that its owner has open and no longer wants. */
  leave({ kind, owner, wish }: Declared, socketId: number, isDue: boolean): Orphan {
    const orphan = { kind, socketId, wish, isDue, missed: [] };
    this.orphans.set(owner, orphan);
    return orphan;
  }

  /** The socket that the owner has left open with the same settings. Some firmware lists servers without their ports. */
  leftBy({ owner, wish }: Declared): number | undefined {
    const orphan = this.orphans.get(owner);
    return orphan?.wish === wish ? orphan.socketId : undefined;
  }

  /** Whether the socket still waits for its owner. */
  hasOrphan(orphan: Orphan): boolean {
    return [...this.orphans.values()].includes(orphan);
  }

  /** Endpoints that have this socket, or are opening or closing it. */
  claimants(socketId: number): Declared[] {
    return this.all().filter(({ claimedId }) => claimedId === socketId);
  }

  /** The server that has this socket, or is opening or closing it. */
  serverOf(socketId: number): Declared | undefined {
    return this.claimants(socketId).find(({ kind }) => kind === 'server');
  }

  /** The client that has the connection, or is opening it. */
  clientOf({ socketId, owner = '' }: Connection): Declared | undefined {
    const endpoint = this.of(owner);
    return endpoint?.kind === 'client' && endpoint.claimedId === socketId ? endpoint : undefined;
  }

  /** Whether no other owner has the socket. */
  isFree(socketId: number, owner: string): boolean {
    return !this.isReserved(socketId) && this.claimants(socketId).every((other) => other.owner === owner);
  }

  /** Reserved for the driver: not closed as a stray, not visible to users. */
  reserve(socketId: number): void {
    this.reserved.add(socketId);
  }

  free(socketId: number): void {
    this.reserved.delete(socketId);
  }

  isReserved(socketId: number): boolean {
    return this.reserved.has(socketId);
  }

  /** Whether the id is from the driver's own range, and no owner has it or may return for it. */
  isStray(socketId: number, limits: Limits): boolean {
    return isOurs(limits, socketId) && !this.isAwaited(socketId) && this.claimants(socketId).length === 0;
  }

  /** Whether the socket is kept, for an owner that may return or for the driver. */
  isAwaited(socketId: number): boolean {
    const isOrphans = [...this.orphans.values()].some((orphan) => orphan.socketId === socketId);
    return isOrphans || this.away.size > 0 || this.isReserved(socketId);
  }

  /**
   * Removes orphans that their owner has adopted or declined.
   * @param asked endpoints that could have adopted them
   */
  reviewOrphans(asked: readonly Declared[]): void {
    for (const [owner, orphan] of this.orphans) {
      const endpoint = this.of(owner);
      if (endpoint?.claimedId === orphan.socketId) this.orphans.delete(owner);
      else if (endpoint && asked.includes(endpoint)) orphan.isDue = true;
    }
  }

  /** No owner will return. */
  expireOrphans(): void {
    for (const orphan of this.orphans.values()) orphan.isDue = true;
    this.away.clear();
  }

  /** Removes and returns the overdue orphans, except those adopted by another owner. */
  takeDue(): Orphan[] {
    const due = [...this.orphans].filter(([, { isDue }]) => isDue);
    for (const [owner] of due) this.orphans.delete(owner);
    return due.map(([, orphan]) => orphan).filter(({ socketId }) => this.claimants(socketId).length === 0);
  }

  /** All sockets are gone, as after a restart of the module. */
  forgetOrphans(): void {
    this.orphans.clear();
  }
}
