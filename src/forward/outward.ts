/** A port of this computer, forwarded to a host that the module can reach. */
import type { Socket } from 'node:net';
import { QfwdError, toQfwdError } from '../modem';
import { Connected } from './connected';
import { Dialer, type DialSettings } from './dialer';
import type { Forward, ForwardEvent, ForwardHost } from './forward';
import { Listener, type ListenSettings } from './listener';
import { addressOf, join } from './near';

export interface OutwardSettings extends ListenSettings, DialSettings {
  readonly host: string;
  readonly port: number;
  /** In ms; 0 = none. */
  readonly idleTimeout: number;
}

export class Outward implements Forward {
  private readonly listener: Listener;
  private readonly dialer: Dialer;

  constructor(
    private readonly host: ForwardHost,
    private readonly settings: OutwardSettings,
    autoOpen: boolean,
  ) {
    this.dialer = new Dialer(host, settings);
    this.listener = new Listener(host, settings, (near) => void this.serve(near), autoOpen);
  }

  get count(): number {
    return this.dialer.count;
  }

  open(): Promise<ForwardEvent> {
    return this.listener.open();
  }

  async close(): Promise<ForwardEvent | undefined> {
    const event = await this.listener.close();
    await this.dialer.endAll();
    return event;
  }

  async stop(): Promise<void> {
    await this.close();
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
  const { code, message, result } = toQfwdError(error);
  return new QfwdError(code, `${message}: ${to} cannot be reached`, { result });
}
