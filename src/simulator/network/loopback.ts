import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';

import type { Network } from './network';

/** The sockets of this computer. */
export const loopbackNetwork: Network = {
  connect: (remote) => connect({ ...remote, allowHalfOpen: true }),
  createServer: () => createServer({ allowHalfOpen: true }),
  createSocket: (version) => createSocket(version),
};
