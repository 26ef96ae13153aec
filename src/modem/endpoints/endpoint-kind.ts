import type { Protocol, SocketList, UrcPort } from '../../sockets';
import type { Session } from '../link/session';

export interface EndpointSettings {
  readonly protocol: Protocol;
  readonly urcPort: UrcPort;
  /** Chosen by the driver when missing. */
  readonly socketId?: number | undefined;
}

/** What differs between servers and clients. */
export interface EndpointKind<Settings> {
  readonly name: 'server' | 'client';
  /** One try. @throws {AtError|QfwdError} */
  open(session: Session, socketId: number, settings: Settings): Promise<void>;
  /**
   * The socket id of what the module lists, if it is what the settings want.
   * @param isCandidate whether it may be this one by its id
   */
  find(
    listed: SocketList,
    settings: Settings,
    isCandidate: (socketId: number) => boolean,
  ): number | undefined;
  /** Whether a server takes this peer, when it has so many connections already. */
  admits?(settings: Settings, ip: string, connections: number): boolean;
  /** What the module was told of the settings and its lists do not show, as text. */
  unlistedSettings(settings: Settings): string;
  /** Whether to try again by itself after a failure or a close. */
  isKept(settings: Settings): boolean;
}
