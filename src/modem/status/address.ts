/** The address of a PDP context, from the response of AT+CGPADDR (3GPP TS 27.007 10.1.14). */
import { isIP } from 'node:net';
import { parseParameters } from '../../at';
import { canonicalAddress } from '../../sockets';

const UNSPECIFIED: readonly string[] = ['0.0.0.0', '::'];

/**
 * The first address that a context has; `undefined` if there is none.
 * @param lines `+CGPADDR: <cid>,<address>,<address>`
 * @param pdpCid 0: any context
 */
export function addressOf(lines: readonly string[], pdpCid: number): string | undefined {
  return lines
    .map((line) => parseParameters(line))
    .filter(([cid]) => pdpCid === 0 || Number(cid) === pdpCid)
    .flatMap(([, ...addresses]) => addresses.map((address) => canonicalAddress(withColons(address))))
    .find((address) => isIP(address) !== 0 && !UNSPECIFIED.includes(address));
}

/** An IPv6 address may be written as 16 decimal numbers. */
function withColons(address: string): string {
  const bytes = address.split('.').map(Number);
  if (bytes.length !== 16) return address;
  const digits = Buffer.from(bytes).toString('hex');
  return digits.replace(/.{4}(?!$)/g, '$&:');
}
