import { AdminError } from '../../editor/admin';
import { catalogText } from '../../editor/text';

/** A text of the modem's catalog. */
export function say(key: string, variables?: Readonly<Record<string, string | number>>): string {
  return catalogText('qfwd-modem', key, variables);
}

/** The same for one modem. @param notDeployed key of the text for a modem that is not deployed yet */
export function sayWhyNot(error: unknown, notDeployed: string): string {
  return error instanceof AdminError && error.status === 404 ? say(notDeployed) : sayWhy(error);
}

/** Why a request to the runtime failed, as text for the user. */
export function sayWhy(error: unknown): string {
  if (error instanceof AdminError) return say(`admin.${error.key}`, { message: error.message });
  return say('admin.failed', { message: String(error) });
}
