/** A session with a module: a server, a peer that sends and takes data, and ends. */
export const OWNER = 'a server';

export const SERVER = {
  pdpCid: 0,
  ipVersion: 'IP',
  protocol: 'tcp',
  port: 47_011,
  backlog: 5,
  idleTimeout: 3600,
  urcPort: 'usbat',
  maxClients: 0,
} as const;

/** Payload that looks like the module. */
export const RECEIVED = Buffer.from('\r\nOK\r\n> +QFWDURC: "client/close",1\r\n'.repeat(20));
/** All values of a byte: some of it is sent raw, some as HEX. */
export const SENT = Buffer.concat([
  Buffer.alloc(600, 'text '),
  Buffer.from(Array.from({ length: 256 }, (_, value) => value)),
]);
