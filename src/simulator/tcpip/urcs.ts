import type { Endpoint } from '../sockets/address';

/** The URCs of the TCP/IP commands. */
export const urcs = {
  open: (id: number, result: number) => `+QIOPEN: ${id},${result}`,
  incoming: (id: number, listener: number, { address, port }: Endpoint) =>
    `+QIURC: "incoming",${id},${listener},"${address}",${port}`,
  full: '+QIURC: "incoming full"',
  /** With `length`, of the option `recvind`, or as the header of pushed data. */
  received: (id: number, length?: number) =>
    `+QIURC: "recv",${id}${length === undefined ? '' : `,${length}`}`,
  closed: (id: number) => `+QIURC: "closed",${id}`,
  contextLost: (context: number) => `+QIURC: "pdpdeact",${context}`,
};
