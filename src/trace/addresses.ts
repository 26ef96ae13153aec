/**
 * Addresses in a trace: others in their place, the same ones for the same ones, so that a trace can still be played. After
 * many others, an address may get another one, as a trace may be written for months.
 */
import { isIPv4, isIPv6 } from 'node:net';

const IPV4 = /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])/g;
const IPV6 = /(?<![\w:.])(?=(?:[\da-f]*:){2})[\da-f:]+(?:\.\d{1,3}){0,3}(?![\w:.])/gi;

/** This host and any address: they tell nothing. */
const COMMON = /^(127\.|0\.0\.0\.0$|::1?$)/;

/** So many IPv4 addresses are for documentation: no more stand-ins are in use at a time. */
const MOST = 3 * 254;
/** RFC 5737, RFC 3849: for documentation. */
const documentationIPv4 = (number: number): string =>
  `${['192.0.2', '198.51.100', '203.0.113'][Math.floor(number / 254)]}.${(number % 254) + 1}`;
const documentationIPv6 = (number: number): string => `2001:db8::${(number + 1).toString(16)}`;

export class Addresses {
  /** Numbers of the stand-ins, in the order of last use. */
  private readonly numbers = new Map<string, number>();

  /** A text with other addresses. */
  replaced(text: string): string {
    return text
      .replace(IPV4, (found) => (isIPv4(found) ? this.standIn(found, documentationIPv4) : found))
      .replace(IPV6, (found) => (isIPv6(found) ? this.standIn(found, documentationIPv6) : found));
  }

  private standIn(address: string, numbered: (number: number) => string): string {
    if (COMMON.test(address)) return address;
    const number = this.numbers.get(address) ?? this.free();
    this.numbers.delete(address);
    this.numbers.set(address, number);
    return numbered(number);
  }

  /** A number for a new address: if there is none, that of the address that was not seen for longest. */
  private free(): number {
    const [oldest] = this.numbers;
    if (!oldest || this.numbers.size < MOST) return this.numbers.size;
    const [address, number] = oldest;
    this.numbers.delete(address);
    return number;
  }
}
