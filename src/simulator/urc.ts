import type { Endpoint } from './sockets/address';

/** The URCs of manual chapter 3. */
export const urcs = {
  serverOpen: (id: number, result: number) => `+QFWDURC: "server/open",${id},${result}`,
  clientOpen: (id: number, result: number) => `+QFWDURC: "client/open",${id},${result}`,
  incoming: (serverId: number, id: number, remote: Endpoint, local: Endpoint) =>
    `+QFWDURC: "client/incoming",${serverId},${id},${endpoints(remote, local)}`,
  read: (id: number, length?: number) =>
    `+QFWDURC: "client/read",${id}${length === undefined ? '' : `,${length}`}`,
  close: (id: number) => `+QFWDURC: "client/close",${id}`,
};

/** Remote and local address, as formatted in lists and URCs. */
export const endpoints = (remote: Endpoint, local: Endpoint): string =>
  `"${remote.address}",${remote.port},"${local.address}",${local.port}`;
