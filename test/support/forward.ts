/** A forwarded port at a rig, and the events that its owner receives. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

import {
  type Forward,
  type ForwardEvent,
  type ForwardHost,
  Inward,
  type InwardSettings,
  Outward,
  type OutwardSettings,
  Proxy,
  type ProxySettings,
} from '../../src/forward';
import { AllowList, type EndpointState, type QfwdError } from '../../src/modem';
import { defer } from './cleanup';
import { freePort } from './free-port';
import { Log } from './log';
import { readyRig, type Rig } from './modem/rig';
import { Peer } from './peers';

const COMMON = { ipVersion: 'IP', pdpCid: 0, urcPort: 'usbat', maxClients: 0, idleTimeout: 600_000 } as const;

export class Forwarding {
  readonly events = new Log<ForwardEvent>();
  readonly states = new Log<EndpointState>();
  readonly errors = new Log<QfwdError>();
  readonly forward: Forward;

  constructor(rig: Rig, create: (host: ForwardHost) => Forward) {
    this.forward = create({
      modem: rig.modem,
      owner: 'a forward',
      observer: {
        onEvent: (event) => this.events.push(event),
        onState: (state) => this.states.push(state),
        onError: (error) => this.errors.push(error),
      },
    });
    defer(() => this.forward.stop(true));
  }

  async event<Name extends ForwardEvent['event']>(name: Name): Promise<ForwardEvent & { event: Name }> {
    return (await this.events.next(({ event }) => event === name)) as ForwardEvent & { event: Name };
  }

  get names(): string[] {
    return this.events.all.map(({ event }) => event);
  }
}

export async function inward(rig: Rig, port: number, settings: Partial<InwardSettings> = {}) {
  const listenPort = settings.listenPort ?? (await freePort());
  const all = { ...COMMON, host: '127.0.0.1', port, allow: new AllowList(), ...settings, listenPort };
  const it = new Forwarding(rig, (host) => new Inward(host, all, true));
  await it.event('server/open');
  return Object.assign(it, { listenPort });
}

export async function outward(rig: Rig, port: number, settings: Partial<OutwardSettings> = {}) {
  const listenPort = settings.listenPort ?? (await freePort());
  const all = {
    ...COMMON,
    host: '127.0.0.1',
    port,
    listenHost: '127.0.0.1',
    allow: new AllowList(),
    ...settings,
    listenPort,
  };
  const it = new Forwarding(rig, (host) => new Outward(host, all, true));
  await it.event('server/open');
  return Object.assign(it, { listenPort });
}

export async function proxy(rig: Rig, settings: Partial<ProxySettings> = {}) {
  const listenPort = settings.listenPort ?? (await freePort());
  const all = { ...COMMON, listenHost: '127.0.0.1', allow: new AllowList(), ...settings, listenPort };
  const it = new Forwarding(rig, (host) => new Proxy(host, all, true));
  await it.event('server/open');
  return Object.assign(it, { listenPort });
}

/** A TCP server of this host, whose connections stay open after the other side has ended. */
export async function halfOpenServer(onSocket: (socket: Socket) => void = () => undefined) {
  const peers = new Log<Peer>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    peers.push(new Peer(socket));
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  defer(() => server.close());
  return { port: (server.address() as AddressInfo).port, peers };
}

/** A caller that can end its side and still receive data. */
export async function call(port: number): Promise<Peer> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  const peer = new Peer(socket);
  await once(socket, 'connect');
  return peer;
}

/** A caller at a forwarded port, and the peer that it is connected to. */
export async function conversation(
  start: (rig: Rig, port: number) => Promise<Forwarding & { listenPort: number }>,
) {
  const rig = await readyRig();
  const target = await halfOpenServer();
  const it = await start(rig, target.port);
  const caller = await call(it.listenPort);
  const peer = await target.peers.next();
  return { rig, target, it, caller, peer };
}
