/** Operator and radio technology, from the responses of AT+COPS? and AT+QNWINFO. */
import { parseParameters } from '../../at';

export interface Operator {
  /** A name, or a number such as `26201` where the module has no name. */
  readonly operator?: string;
  /** Such as `FDD LTE`. */
  readonly technology?: string;
}

/** 3GPP TS 27.007 7.3, `<AcT>`; 8 as of Quectel's modules (BG95 AT Commands Manual, AT+COPS). */
const TECHNOLOGIES: readonly (string | undefined)[] = [
  'GSM',
  'GSM',
  'WCDMA',
  'EDGE',
  'HSDPA',
  'HSUPA',
  'HSPA',
  'LTE',
  'eMTC',
  'NB-IoT',
];

/** AT+COPS?: `+COPS: <mode>,<format>,<oper>,<AcT>`; without a registration only `<mode>`. */
export function operatorOfCops(line: string): Operator {
  const [, , operator = '', technology] = parseParameters(line);
  return named(decoded(operator), technology ? TECHNOLOGIES[Number(technology)] : undefined);
}

/** AT+QNWINFO: `+QNWINFO: <technology>,<operator number>,<band>,<channel>`, or `No Service`. */
export function operatorOfQnwinfo(line: string): Operator {
  const [technology = '', operator] = parseParameters(line);
  return operator === undefined ? {} : named(operator, technology);
}

function named(operator: string, technology: string | undefined): Operator {
  return {
    ...(operator && { operator }),
    ...(technology && { technology }),
  };
}

/** Characters as 4 hexadecimal digits each, with AT+CSCS="UCS2"; at least two, as one may be a short name. */
const UCS2 = /^(?:[0-9A-F]{4}){2,}$/i;
/** Letters, marks, numbers, punctuation and spaces: what a name consists of. */
const NAME = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u;

function decoded(operator: string): string {
  if (!UCS2.test(operator)) return operator;
  const name = Buffer.from(operator, 'hex').swap16().toString('utf16le');
  return NAME.test(name) ? name : operator;
}
