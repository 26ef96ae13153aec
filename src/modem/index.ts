/** The public interface of the modem. */
export type { Connection } from './data/connection';
export type { Consumer } from './data/consumer';
export { askFacts } from './diagnosis/ask-facts';
export type { Facts } from './diagnosis/facts';
export { AllowList } from './endpoints/allow-list';
export type { ClientSettings } from './endpoints/client';
export { type FailureKind, failureKind } from './endpoints/failure-kind';
export type { Endpoint } from './endpoints/endpoint';
export type { EndpointSettings } from './endpoints/endpoint-traits';
export type { ServerSettings } from './endpoints/server';
export { noSuchSocket, QfwdError, toQfwdError } from './errors';
export type { Counters } from './link/counters';
export type { JournalEntry } from './link/journal';
export type { LinkState } from './link/link-state';
export type { Kept } from './link/kept';
export { type FoundFamily, isFoundFamily } from './link/found-family';
export { areStreamSockets, type StreamSocket } from './sockets/left-behind';
export type { PinMemory, SimIdentity } from './link/pin-memory';
export { checkCommand, checkInitLine, objectionToInit } from './link/raw-command';
export { Modem } from './modem';
export type { ModemStatus } from './modem-status';
export { type ModemMemory, type ModemOptions, newMemory } from './options';
export { type EndpointObserver, type EndpointState, type OpenFailure, SILENT } from './sockets/declared';
export type { SocketEvent } from './sockets/events';
export type { ConnectionStream } from './stream/connection-stream';
export type { Layer } from './stream/layer';
export { TlsLayer, type TlsSettings } from './stream/tls-layer';
export {
  compareEnds,
  type ContextOptions,
  type Ends,
  type Peer,
  type Profile,
  type SocketFamily,
  type SocketUrc,
  URC_PORTS,
  type UrcPort,
} from '../sockets';
