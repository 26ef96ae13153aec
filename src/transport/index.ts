/** Transports: ways to reach an AT port. */
export { inProcessTransport } from './in-process';
export { serialTransport, type SerialLink, type SerialOptions } from './serial';
export { tcpTransport } from './tcp';
