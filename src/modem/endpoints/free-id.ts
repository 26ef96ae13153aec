import { isRejection } from '../../at';
import { isListed } from '../../sockets';
import { QfwdError } from '../errors';
import type { Session } from '../link/session';
import { checkSocketId, ID_TRIES } from '../sockets/socket-id';
import type { EndpointHost } from './endpoint-host';
import type { EndpointSettings } from './endpoint-traits';
import { isIdInUse, isPortInUse } from './opening';
import { portless, recognize, type Wanted } from './recognition';

/** The caller that opens a socket. */
export interface Opener {
  /** Called with each id before it is tried. */
  onId(socketId: number): void;
  /** @throws {QfwdError} when the socket is no longer wanted */
  check(): void;
}

/**
 * Opens the socket under the id from its settings, or a free one. A refused id may belong to a connection that the
 * module has accepted meanwhile; another id is tried then.
 * @returns the socket id
 * @throws {AtError|QfwdError}
 */
export async function openUnderFreeId<Settings extends EndpointSettings>(
  session: Session,
  host: EndpointHost,
  wanted: Wanted<Settings>,
  opener: Opener,
): Promise<number> {
  const { owner, settings, traits } = wanted;
  const { limits } = session.commands;
  const variant = traits.unlistedSettings(settings);
  const refused = new Set<number>();
  for (let tries = 1; ; tries++) {
    const socketId = settings.socketId ?? host.allocate(limits, owner, variant, (id) => refused.has(id));
    checkSocketId(limits, socketId);
    opener.onId(socketId);
    const remote = settings.layer && limits.isScarce ? traits.remote?.(settings) : undefined;
    if (remote) host.onOpeningStream(owner, { socketId, ...remote });
    try {
      const urcPort = host.destination(settings.urcPort);
      await traits.open(session, socketId, { ...settings, urcPort }, () => opener.check());
      host.openedWith.set(owner, variant);
      return socketId;
    } catch (error) {
      if (!isRejection(error) && !isIdInUse(error) && !isPortInUse(error)) throw error;
      const listed = await host.list();
      opener.check();
      if (isPortInUse(error)) {
        // A server of the module has the port. If it is listed with it, or only one can be it, it is this one, of an earlier run.
        const known =
          traits.kind === 'server' ? traits.find(listed, settings, (id) => wanted.isFree(id)) : undefined;
        const [only, ...others] = portless(listed, wanted);
        const found = known ?? (others.length === 0 ? only : undefined);
        if (found === undefined) throw error;
        return found;
      }
      const found = recognize(listed, { ...wanted, id: socketId });
      if (found !== undefined) return found;
      if (!isListed(listed, socketId)) {
        if (tries > 1) throw error;
        // Unlisted, but possibly half closed: the client's previous connection may remain in the module.
        await session.close(socketId).catch(() => undefined);
        opener.check();
      } else if (settings.socketId !== undefined || tries === ID_TRIES) {
        const text = `socket id ${socketId} is in use; leave it empty to have one chosen`;
        throw new QfwdError('QFWD_REJECTED', text);
      }
      refused.add(socketId);
    }
  }
}
