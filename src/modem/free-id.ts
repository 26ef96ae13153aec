import type { EndpointHost } from './endpoint-host';
import type { EndpointKind, EndpointSettings } from './endpoint-kind';
import { isRejection, QfwdError } from './errors';
import type { Session } from './session';
import { ID_TRIES } from './socket-id';
import { isListed, type Survey } from './survey';

/** A server or client that is to be opened. */
export interface Attempt<Settings> {
  readonly owner: string;
  readonly settings: Settings;
  readonly kind: EndpointKind<Settings>;
  /** Told of each id before it is tried. */
  onId(socketId: number): void;
  /** The id under which the module has it already. */
  find(survey: Survey): number | undefined;
  /** @throws {QfwdError} when it is not wanted any more */
  check(): void;
}

/**
 * Opens it under the id of its settings, or one that is free. A refused id may belong to a connection that the module
 * accepted meanwhile; another one is tried then.
 * @returns the socket id
 * @throws {AtError|QfwdError}
 */
export async function openUnderFreeId<Settings extends EndpointSettings>(
  session: Session,
  host: EndpointHost,
  attempt: Attempt<Settings>,
): Promise<number> {
  const { owner, settings, kind } = attempt;
  const refused = new Set<number>();
  for (let tries = 1; ; tries++) {
    const socketId =
      settings.socketId ?? host.allocate(owner, kind.hidden(settings), (id) => refused.has(id));
    attempt.onId(socketId);
    try {
      await kind.open(session, socketId, settings);
      host.openedWith.set(owner, kind.hidden(settings));
      return socketId;
    } catch (error) {
      if (!isRejection(error)) throw error;
      const listed = await host.survey();
      attempt.check();
      const found = attempt.find(listed);
      if (found !== undefined) return found;
      if (!isListed(listed, socketId)) {
        if (tries > 1) throw error;
        // Listed nowhere, and yet perhaps half closed: what a client had before may linger in the module.
        await session.close(socketId).catch(() => undefined);
        attempt.check();
      } else if (settings.socketId !== undefined || tries === ID_TRIES) {
        const text = `socket id ${socketId} is in use; leave it empty to have one chosen`;
        throw new QfwdError('QFWD_REJECTED', text);
      }
      refused.add(socketId);
    }
  }
}
