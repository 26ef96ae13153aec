/** Properties that several node types have. */
import { labelsOf } from './text';
import { wholeNumber } from './validators';

export const name: NodeProperty<string> = { value: '' };

export function modem(type: string): NodeProperty<string> {
  return { value: '', type: 'qfwd-modem', required: true, label: labelsOf(type)('modem') };
}

/** A socket id, or nothing. */
export function socketId(type: string): NodeProperty<number | ''> {
  return { value: '', label: labelsOf(type)('socketId'), validate: wholeNumber(0, 65535, 'optional') };
}

/** A PDP context, or nothing. */
export function pdpCid(type: string): NodeProperty<number | ''> {
  return { value: '', label: labelsOf(type)('pdpCid'), validate: wholeNumber(0, 16, 'optional') };
}
