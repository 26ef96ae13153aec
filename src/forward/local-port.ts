import type { Socket } from 'node:net';
import { Dialer, type DialSettings } from './dialer';
import type { Forward, ForwardEvent, ForwardHost } from './forward';
import { Listener, type ListenSettings } from './listener';

/** A port of this computer, for whose callers the module connects to somewhere else. */
export abstract class LocalPort<Settings extends ListenSettings & DialSettings> implements Forward {
  protected readonly dialer: Dialer;
  private readonly listener: Listener;

  constructor(
    protected readonly host: ForwardHost,
    protected readonly settings: Settings,
    autoOpen: boolean,
  ) {
    this.dialer = new Dialer(host, settings);
    this.listener = new Listener(host, settings, (near) => this.accept(near), autoOpen);
  }

  /** Somebody has connected. */
  protected abstract accept(near: Socket): void;

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
}
