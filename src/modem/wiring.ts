/** Creates the parts of a modem in order of dependency. */
import type { EventEmitter } from 'node:events';
import { Timers } from '../at';
import { Calibrator } from './calibration/calibrator';
import { Endpoints } from './endpoints/endpoints';
import { Lifecycle } from './lifecycle';
import { newCounters } from './link/counters';
import { CurrentLink } from './link/current-link';
import { Journal } from './link/journal';
import { newPinMemory } from './link/pin-memory';
import { Ports } from './link/ports';
import { type ModemEnvironment, type ModemEvents, type ModemOptions, newMemory } from './options';
import { Connections } from './sockets/connections';
import { Declarations } from './sockets/declarations';
import { IdleTimeout } from './sockets/idle-timeout';
import { LeftBehind } from './sockets/left-behind';
import { Lookup } from './sockets/lookup';
import { Reconciler } from './sockets/reconciler';
import { Reports } from './sockets/reports';
import { Requests } from './sockets/requests';
import { SocketCloser } from './sockets/socket-closer';
import { Sweep } from './sockets/sweep';
import { Watch } from './sockets/watch';
import { StatusReader } from './status/status';

/** @param events the public events of the modem */
export function wire(
  options: ModemOptions,
  environment: ModemEnvironment,
  events: EventEmitter<ModemEvents>,
) {
  const { clock, families, memory = newMemory(), pinMemory = newPinMemory() } = environment;
  const { foundFamily, profile, secondTransport, streamSockets, trace } = environment;
  const { openedWith, unread } = memory;
  const { openTimeout, queueLimit } = options;
  const random = () => environment.random();

  const counters = newCounters();
  const journal = new Journal(counters, () => clock.now(), trace);
  const timers = new Timers(clock);
  const current = new CurrentLink(environment.transport);
  const declarations = new Declarations();
  const closer = new SocketCloser(current);
  const basis = { clock, counters, timers, current, declarations, closer };
  const connections = new Connections({ ...basis, queueLimit, unread });
  const reports = new Reports({ current, declarations, connections });
  const leftBehind = new LeftBehind(streamSockets);
  const reconciler = new Reconciler({ ...basis, connections, reports, leftBehind });
  const watch = new Watch({ ...basis, connections, reports, reconciler });
  const idleTimeout = new IdleTimeout({ ...basis, connections });
  const sweep = new Sweep({ ...basis, connections, reconciler });
  const lookup = new Lookup(current, declarations, connections.table);
  const requests = new Requests({ ...basis, connections, lookup, reconciler, reports });
  const status = new StatusReader({ clock, current, pdpCid: options.pdpCid });
  const sockets = { ...basis, connections, reports, reconciler };
  const endpoints = new Endpoints({ ...sockets, random, openTimeout, openedWith, leftBehind });
  const onProfile = (measured: typeof profile & object) => void events.emit('profile', measured);
  const calibrator = new Calibrator({ options, declarations, reports, journal, random, onProfile }, profile);
  const lifecycle = new Lifecycle({ ...sockets, journal, watch, sweep, calibrator, events });
  const basics = { options, clock, random, current, secondTransport, families, journal, pinMemory };
  const ports = new Ports(
    { ...basics, foundFamily, routes: reports, profile: () => calibrator.stored },
    lifecycle,
  );
  return {
    counters,
    journal,
    timers,
    current,
    declarations,
    closer,
    connections,
    idleTimeout,
    watch,
    lookup,
    requests,
    status,
    endpoints,
    calibrator,
    lifecycle,
    ports,
  };
}

export type Parts = ReturnType<typeof wire>;
