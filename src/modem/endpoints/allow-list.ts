import { BlockList, isIP, isIPv6 } from 'node:net';
import { canonicalAddress } from '../../sockets';
import { QfwdError, quoted } from '../errors';

/** Addresses and CIDR blocks (RFC 4632) of peers that may connect; empty = all. */
export class AllowList {
  private readonly blocks = new BlockList();

  /** @throws {QfwdError} `QFWD_INVALID`, naming the first invalid entry */
  constructor(private readonly entries: readonly string[] = []) {
    entries.forEach((entry) => this.add(entry));
  }

  get isEmpty(): boolean {
    return this.entries.length === 0;
  }

  /** Whether the list contains the address. Invalid addresses match only an empty list. */
  admits(ip: string): boolean {
    if (this.isEmpty) return true;
    // IPv6 servers report IPv4 peers as IPv4-mapped addresses.
    const address = canonicalAddress(ip);
    return isIP(address) !== 0 && this.blocks.check(address, familyOf(address));
  }

  /** Two lists are equal when their text is equal. */
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
        `allow holds ${quoted(entry)}: it must hold IP addresses and CIDR blocks such as 10.0.0.0/8`,
      );
    }
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
