import { AdminError } from '../../editor/admin';
import { catalogText } from '../../editor/text';

/** A text of the modem's catalog. */
export function say(key: string, variables?: Readonly<Record<string, string | number>>): string {
  return catalogText('qfwd-modem', key, variables);
}

/** Why the runtime gave no answer, for the user. */
export function sayWhy(error: unknown): string {
  if (error instanceof AdminError) return say(`admin.${error.key}`, { message: error.message });
  return say('admin.failed', { message: String(error) });
}
