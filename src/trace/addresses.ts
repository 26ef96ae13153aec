/** Addresses in a trace: others in their place, the same ones for the same ones, so that a trace can still be played. */
import { isIPv4, isIPv6 } from 'node:net';

const IPV4 = /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])/g;
const IPV6 = /(?<![\w:.])(?=(?:[\da-f]*:){2})[\da-f:]+(?:\.\d{1,3}){0,3}(?![\w:.])/gi;

/** This host and any address: they tell nothing. */
const COMMON = /^(127\.|0\.0\.0\.0$|::1?$)/;

/** RFC 5737, RFC 3849: for documentation. */
const documentationIPv4 = (number: number): string =>
  `${['192.0.2', '198.51.100', '203.0.113'][Math.floor(number / 254) % 3]}.${(number % 254) + 1}`;
const documentationIPv6 = (number: number): string => `2001:db8::${(number + 1).toString(16)}`;

export class Addresses {
  private readonly known = new Map<string, string>();

  /** A text with other addresses. */
  replaced(text: string): string {
    return text
      .replace(IPV4, (found) => (isIPv4(found) ? this.standIn(found, documentationIPv4) : found))
      .replace(IPV6, (found) => (isIPv6(found) ? this.standIn(found, documentationIPv6) : found));
  }

  private standIn(address: string, numbered: (number: number) => string): string {
    if (COMMON.test(address)) return address;
    const known = this.known.get(address) ?? numbered(this.known.size);
    this.known.set(address, known);
    return known;
  }
}
