import { AdminError } from '../../editor/admin';
import { catalogText } from '../../editor/text';

/** A text of the modem's catalog. */
export function say(key: string, variables?: Readonly<Record<string, string | number>>): string {
  return catalogText('qfwd-modem', key, variables);
}

/** The same about one modem, which may not be deployed yet. @param notDeployed the key of what to say then */
export function sayWhyNot(error: unknown, notDeployed: string): string {
  return error instanceof AdminError && error.status === 404 ? say(notDeployed) : sayWhy(error);
}

/** Why the runtime gave no answer, for the user. */
export function sayWhy(error: unknown): string {
  if (error instanceof AdminError) return say(`admin.${error.key}`, { message: error.message });
  return say('admin.failed', { message: String(error) });
}
