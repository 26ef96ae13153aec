/** Owners of servers and clients, which receive their events. */
import assert from 'node:assert/strict';

import type { ClientSettings, Endpoint, Modem, ServerSettings } from '../../../src/modem';
import type { Log } from '../log';
import { connectPeer, type Peer } from '../peers';

type Observer = Parameters<Modem['endpoints']['declareServer']>[3];
type EndpointEvent = Parameters<Observer['onEvent']>[0];

type EventName = EndpointEvent['event'];
/** The event with this name; events of servers and clients share their fields. */
type EventOf<Name extends EventName> = EndpointEvent extends infer Event
  ? Event extends { event: infer Names }
    ? Name extends Names
      ? Event
      : never
    : never
  : never;

/** The events of an endpoint, in order. */
export type EndpointNews =
  | { readonly event: EndpointEvent }
  | { readonly state: Parameters<Observer['onState']>[0] }
  | { readonly error: Parameters<Observer['onError']>[0] };

export function observerOf(log: Log<EndpointNews>): Observer {
  return {
    onEvent: (event) => log.push({ event }),
    onState: (state) => log.push({ state }),
    onError: (error) => log.push({ error }),
  };
}

class Owner<Settings extends ServerSettings | ClientSettings> {
  constructor(
    readonly endpoint: Endpoint<Settings>,
    readonly log: Log<EndpointNews>,
    readonly settings: Settings,
  ) {}

  /** Waits for the next event of this name. */
  async event<Name extends EventName>(name: Name): Promise<EventOf<Name>> {
    const news = await this.log.next((it) => 'event' in it && it.event.event === name);
    return (news as { event: EventOf<Name> }).event;
  }

  async error(): Promise<Error & { code?: string }> {
    return ((await this.log.next((it) => 'error' in it)) as { error: Error }).error;
  }

  async state(name: string): Promise<void> {
    await this.log.next((it) => 'state' in it && it.state === name);
  }

  /** All events so far, by name. */
  get events(): string[] {
    return this.log.all.flatMap((it) => ('event' in it ? [it.event.event] : []));
  }

  get socketId(): number {
    const id = this.endpoint.socketId;
    assert.ok(id !== undefined, 'it is not open');
    return id;
  }
}

export class Server extends Owner<ServerSettings> {
  /** Connects a TCP peer; resolves when the server has reported it. */
  async connect(): Promise<{ peer: Peer; socketId: number }> {
    const peer = await this.dial();
    const { socketId } = await this.incoming(peer);
    return { peer, socketId };
  }

  /** Connects a peer that the server may reject. */
  dial(): Promise<Peer> {
    return connectPeer(this.settings.port, this.settings.ipVersion === 'IPV6' ? '::1' : '127.0.0.1');
  }

  private async incoming(peer: Peer): Promise<{ socketId: number }> {
    const news = await this.log.next(
      (it) => 'event' in it && it.event.event === 'client/incoming' && it.event.port === peer.port,
    );
    return (news as { event: { socketId: number } }).event;
  }
}

export class Client extends Owner<ClientSettings> {}
