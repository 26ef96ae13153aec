import type { SocketList } from '../../sockets';
import type { Survey } from '../link/session';
import { isOurs, likelySocketIds } from '../sockets/socket-id';
import type { EndpointTraits, EndpointSettings } from './endpoint-traits';

/** What is known about a server or client that the module may have open. */
export interface Wanted<Settings> {
  readonly owner: string;
  /** Its last socket id, if any. */
  readonly id: number | undefined;
  readonly settings: Settings;
  readonly traits: EndpointTraits<Settings>;
  /** Whether no other endpoint has this socket. */
  isFree(socketId: number): boolean;
}

/** Its socket id, if the module lists it. */
export function recognize<Settings extends EndpointSettings>(
  survey: Survey,
  wanted: Wanted<Settings>,
): number | undefined {
  const { owner, settings, traits } = wanted;
  const { limits } = survey;
  const id = wanted.id ?? settings.socketId;
  const ids = id === undefined ? likelySocketIds(limits, owner, traits.unlistedSettings(settings)) : [id];
  // A server is identified by its port; an id of the driver's range that does not match means other settings.
  const isAny = traits.kind === 'server' && settings.socketId === undefined;
  const isCandidate = (socketId: number) =>
    wanted.isFree(socketId) && (ids.includes(socketId) || (isAny && !isOurs(limits, socketId)));
  const found = traits.find(survey, settings, isCandidate);
  if (found !== undefined || id === undefined) return found;
  return portless(survey, wanted).find((socketId) => socketId === id);
}

/** Listed servers that may be this one, as the module does not tell their ports. */
export function portless<Settings extends EndpointSettings>(
  { servers }: SocketList,
  wanted: Wanted<Settings>,
): number[] {
  const { settings, traits } = wanted;
  if (traits.kind !== 'server') return [];
  const { protocol } = settings;
  const candidates = servers.filter((listed) => listed.protocol === protocol && listed.port === 0);
  return candidates.map(({ socketId }) => socketId).filter((socketId) => wanted.isFree(socketId));
}
