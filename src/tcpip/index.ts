/** The TCP/IP commands: one descriptor for each command and URC, and the differences between firmwares. */
export { checkContext } from './contexts';
export { type Facts, FACTS, isProfile } from './facts';
export { tcpipFamily } from './family';
