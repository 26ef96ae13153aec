/** A port of this computer, forwarded to a host that the module can reach. */
import type { Socket } from 'node:net';
import { type QfwdError, toQfwdError } from '../modem';
import { Connected } from './connected';
import type { DialSettings } from './dialer';
import type { ListenSettings } from './listener';
import { LocalPort } from './local-port';
import { addressOf, join } from './near';

export interface OutwardSettings extends ListenSettings, DialSettings {
  readonly host: string;
  readonly port: number;
  /** In ms; 0 = none. */
  readonly idleTimeout: number;
}

export class Outward extends LocalPort<OutwardSettings> {
  protected override accept(near: Socket): void {
    void this.serve(near);
  }

  private async serve(near: Socket): Promise<void> {
    const { host, port, idleTimeout } = this.settings;
    const from = addressOf(near.remoteAddress, near.remotePort);
    const to = addressOf(host, port);
    const far = await this.dialer.dial(near, host, port).catch((error: unknown) => {
      if (!near.destroyed) this.host.observer.onError(unreached(error, to));
      near.destroy();
    });
    if (far) join(near, far, new Connected(this.host, far, idleTimeout, 'from', { from, to }), from);
  }
}

export function unreached(error: unknown, to: string): QfwdError {
  const failure = toQfwdError(error);
  return failure.withMessage(`${failure.message}: ${to} cannot be reached`);
}
