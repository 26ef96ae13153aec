import type { SocketFamily } from './modem';
import { qfwdFamily } from './qfwd';
import { tcpipFamily } from './tcpip';

/** Commands for sockets that a module may know, the preferred ones first. */
export const FAMILIES: readonly SocketFamily[] = [qfwdFamily, tcpipFamily];
