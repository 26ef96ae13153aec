/** Notifies modem nodes of deploys, with a single listener for all of them. */
import type { EventEmitter } from 'node:events';

/** The event of Node-RED before it stops nodes for a deploy. */
export interface Stopping {
  readonly diff?: { readonly removed: readonly string[] };
}

interface Follower {
  onStarted(): void;
  onStopping(event: Stopping): void;
}

export class Deploys {
  private readonly followers = new Set<Follower>();

  constructor(private readonly events: EventEmitter) {}

  /** @returns stops it */
  follow(follower: Follower): () => void {
    if (this.followers.size === 0) {
      this.events.on('flows:started', this.onStarted);
      this.events.on('flows:stopping', this.onStopping);
    }
    this.followers.add(follower);
    return () => {
      this.followers.delete(follower);
      if (this.followers.size > 0) return;
      this.events.off('flows:started', this.onStarted);
      this.events.off('flows:stopping', this.onStopping);
    };
  }

  private readonly onStarted = (): void => this.followers.forEach((it) => it.onStarted());
  private readonly onStopping = (event: Stopping): void =>
    this.followers.forEach((it) => it.onStopping(event));
}
