import type { SocketFamily } from '../../src/modem';
import { qfwdFamily } from '../../src/qfwd';

/** Commands for sockets that a module may know, the preferred ones first. */
export const families: readonly SocketFamily[] = [qfwdFamily];
