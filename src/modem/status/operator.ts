/** Operator and radio technology, from the responses of AT+COPS? and AT+QNWINFO. */
import { parseParameters } from '../../at';

export interface Operator {
  /** A name, or a number such as `26201` where the module has no name. */
  readonly operator?: string;
  /** Such as `FDD LTE`. */
  readonly technology?: string;
}

/** 3GPP TS 27.007 7.3, `<AcT>`. */
const TECHNOLOGIES: readonly (string | undefined)[] = [
  'GSM',
  'GSM',
  'WCDMA',
  'EDGE',
  'HSDPA',
  'HSUPA',
  'HSPA',
  'LTE',
  'EC-GSM-IoT',
  'NB-IoT',
];

/** AT+COPS?: `+COPS: <mode>,<format>,<oper>,<AcT>`; without a registration only `<mode>`. */
export function operatorOfCops(line: string): Operator {
  const [, , operator = '', technology] = parseParameters(line);
  return named(operator, technology ? TECHNOLOGIES[Number(technology)] : undefined);
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
