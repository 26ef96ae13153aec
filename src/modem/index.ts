/** The modem as a user thinks of it. */
export { AllowList } from './allow-list';
export type { Connection } from './connection';
export type { ClientSettings } from './client';
export type { Counters } from './counters';
export { diagnose, type Patient } from './diagnosis';
export type { EndpointObserver, EndpointState } from './declared';
export type { Endpoint } from './endpoint';
export type { EndpointSettings } from './endpoint-kind';
export { noSuchSocket, QfwdError, toQfwdError } from './errors';
export type { SocketEvent } from './events';
export type { JournalEntry } from './journal';
export type { LinkState } from './link-state';
export { Modem } from './modem';
export type { ModemOptions } from './options';
export { checkCommand } from './raw-command';
export type { Consumer } from './reader';
export type { ServerSettings } from './server';
export {
  describeDialect,
  type Ends,
  type Fact,
  FACTS,
  isProfile,
  type Profile,
  type Urc,
  URC_PORTS,
  type UrcPort,
} from '../qfwd';
