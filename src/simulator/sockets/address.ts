import { isIPv4, isIPv6 } from 'node:net';

export type Protocol = 'tcp' | 'udp';
export type IpVersion = 'IP' | 'IPV6';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** The addresses that the simulator binds to. */
export const LOOPBACK = { IP: '127.0.0.1', IPV6: '::1' } as const;

/** The local address that the module reports for a socket bound to any address (manual chapter 4). */
export const ANY = { IP: '0.0.0.0', IPV6: '::' } as const;

/** The address to connect to. Throws an error with a Linux `code` for any other than a loopback address: the simulator never leaves this host. */
export function loopbackAddress(host: string, version: IpVersion): string {
  if (host.toLowerCase() === 'localhost') return LOOPBACK[version];
  if (isIPv4(host)) return literal(host, version === 'IP', host.startsWith('127.'));
  if (isIPv6(host)) return literal(host, version === 'IPV6', /^(0*:)*0*1$/.test(host));
  throw withCode('ENOTFOUND');
}

function literal(host: string, rightFamily: boolean, loopback: boolean): string {
  if (!rightFamily) throw withCode('EAFNOSUPPORT');
  if (!loopback) throw withCode('ENETUNREACH');
  return host;
}

const withCode = (code: string): Error => Object.assign(new Error(code), { code });
