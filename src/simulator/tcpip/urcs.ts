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
  /** `name`: QIACTEX or QIDEACTEX. */
  context: (name: string, context: number, result: number) => `+${name}: ${context},${result}`,
  resolved: (count: number, ttl?: number) =>
    `+QIURC: "dnsgip",0,${count}${ttl === undefined ? '' : `,${ttl}`}`,
  address: (address: string) => `+QIURC: "dnsgip","${address}"`,
  unresolved: (result: number) => `+QIURC: "dnsgip",${result}`,
  contextLost: (context: number) => `+QIURC: "pdpdeact",${context}`,
};
