/**
 * Problems of modems, by config node. A modem goes on while a deploy replaces its node, and stops after that if its settings
 * have changed: what goes wrong meanwhile is told by the next node.
 */
import type { QfwdError } from '../../src/modem';

type Listener = (error: QfwdError) => void;

/** Kept for the next node. */
const MOST = 100;

export class Problems {
  private readonly listeners = new Map<string, Listener>();
  private readonly kept = new Map<string, QfwdError[]>();

  tell(id: string, error: QfwdError): void {
    const listener = this.listeners.get(id);
    if (listener) return listener(error);
    const kept = this.kept.get(id) ?? [];
    if (kept.length < MOST) this.kept.set(id, [...kept, error]);
  }

  /** There is a node. @returns to be called when it is closed */
  listen(id: string, listener: Listener): () => void {
    this.listeners.set(id, listener);
    for (const error of this.kept.get(id) ?? []) listener(error);
    this.kept.delete(id);
    return () => {
      if (this.listeners.get(id) === listener) this.listeners.delete(id);
    };
  }
}
