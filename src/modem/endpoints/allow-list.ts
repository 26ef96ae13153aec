import { BlockList, isIP, isIPv6 } from 'node:net';
import { canonicalAddress } from '../../sockets';
import { QfwdError } from '../errors';

/** Addresses and CIDR blocks (RFC 4632) whose owners may connect; everyone when it is empty. */
export class AllowList {
  private readonly blocks = new BlockList();

  /** @throws {QfwdError} `QFWD_INVALID`, naming the first entry that is neither */
  constructor(private readonly entries: readonly string[] = []) {
    entries.forEach((entry) => this.add(entry));
  }

  get isEmpty(): boolean {
    return this.entries.length === 0;
  }

  /** Whether an address is in it. What is no address is in none but the empty list. */
  admits(ip: string): boolean {
    if (this.isEmpty) return true;
    // A server for IPv6 shows peers that use IPv4 as mapped into IPv6.
    const address = canonicalAddress(ip);
    return isIP(address) !== 0 && this.blocks.check(address, familyOf(address));
  }

  /** Lists are the same when they are written the same. */
  toJSON(): readonly string[] {
    return this.entries;
  }

  private add(entry: string): void {
    const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
    try {
      if (prefix === undefined) this.blocks.addAddress(address, familyOf(address));
      else this.blocks.addSubnet(address, Number(prefix), familyOf(address));
    } catch {
      throw new QfwdError(
        'QFWD_INVALID',
        `allow must hold IP addresses and CIDR blocks such as 10.0.0.0/8, but it holds ${JSON.stringify(entry)}`,
      );
    }
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
