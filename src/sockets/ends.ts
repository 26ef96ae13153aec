/** Whether two pairs of ends belong to the same connection, regardless of spelling. */
import { isIP, SocketAddress } from 'node:net';
import type { Ends } from './vocabulary';

/** `unknown`: the known parts match, but do not identify the connection. */
export type Likeness = 'same' | 'other' | 'unknown';

/**
 * One spelling for each address: RFC 5952, without its zone (RFC 4007), and IPv4 for IPv4-mapped addresses. Other text
 * is returned unchanged.
 */
export function canonicalAddress(ip: string): string {
  const [address] = splitZone(ip);
  switch (isIP(address)) {
    case 4:
      return address;
    case 6:
      return new SocketAddress({ address, family: 'ipv6' }).address.replace(/^::ffff:(?=\d+\.)/, '');
    default:
      return ip;
  }
}

/**
 * Ends that differ belong to different connections. A remote end that is missing or not numeric matches any peer; a
 * missing local end is ignored.
 */
export function compareEnds(one: Partial<Ends> = {}, other: Partial<Ends> = {}): Likeness {
  const remote = [compareAddresses(one.ip, other.ip), comparePorts(one.port, other.port)];
  const local = [compareAddresses(one.localIp, other.localIp), comparePorts(one.localPort, other.localPort)];
  if ([...remote, ...local].includes('other')) return 'other';
  return remote.includes('unknown') ? 'unknown' : 'same';
}

const UNSPECIFIED = ['0.0.0.0', '::'];

function compareAddresses(one = '', other = ''): Likeness {
  if (!isSpecific(one) || !isSpecific(other)) return 'unknown';
  if (one === other) return 'same';
  if (canonicalAddress(one) !== canonicalAddress(other)) return 'other';
  const [, zone] = splitZone(one);
  const [, otherZone] = splitZone(other);
  return zone && otherZone && zone !== otherZone ? 'other' : 'same';
}

/** Host names and the unspecified address match any address. */
function isSpecific(ip: string): boolean {
  return isIP(ip) !== 0 && !UNSPECIFIED.includes(canonicalAddress(ip));
}

function comparePorts(one = 0, other = 0): Likeness {
  if (one === 0 || other === 0) return 'unknown';
  return one === other ? 'same' : 'other';
}

function splitZone(ip: string): [address: string, zone: string] {
  const at = ip.indexOf('%');
  return at < 0 ? [ip, ''] : [ip.slice(0, at), ip.slice(at + 1)];
}
