/** Forwarded ports, on top of the modem. */
export type { Forward, ForwardEvent, ForwardHost, ForwardObserver } from './forward';
export { Inward, type InwardSettings } from './inward';
export { isLoopback } from './loopback';
export { Outward, type OutwardSettings } from './outward';
export { Proxy, type ProxySettings } from './proxy';
