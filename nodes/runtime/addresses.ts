/** Properties that hold addresses. */
import { AllowList } from '../../src/modem';
import { invalid, type Properties, requiredText } from './settings';

/** An address or a domain name, without characters that could end the command line. @throws {QfwdError} `QFWD_INVALID` */
export function hostOf(properties: Properties, name = 'host'): string {
  const host = requiredText(properties, name);
  if (/[\s"\p{Cc}]/u.test(host)) throw invalid(name, host, 'an address or a domain name');
  return host;
}

/**
 * `allow`: addresses and CIDR blocks, separated by commas or white space, or as an array.
 * @throws {QfwdError} `QFWD_INVALID`
 */
export function allowList({ allow }: Properties): AllowList {
  const entries: unknown = typeof allow === 'string' ? allow.split(/[\s,]+/) : (allow ?? []);
  if (!Array.isArray(entries) || !entries.every((entry) => typeof entry === 'string')) {
    throw invalid('allow', allow, 'text or an array of text');
  }
  return new AllowList(entries.filter((entry) => entry !== ''));
}
