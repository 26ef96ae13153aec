import type { Protocol, SocketList, UrcPort } from '../../sockets';
import type { Session } from '../link/session';
import type { Layer } from '../stream/layer';

export interface EndpointSettings {
  readonly protocol: Protocol;
  readonly urcPort: UrcPort;
  /** Chosen by the driver when missing. */
  readonly socketId?: number | undefined;
  /** See {@link Declared.layer}. */
  readonly layer?: Layer | undefined;
}

/** What differs between servers and clients. */
export interface EndpointTraits<Settings> {
  readonly kind: 'server' | 'client';
  /**
   * One attempt.
   * @param check throws when it is no longer wanted
   * @throws {AtError|QfwdError}
   */
  open(session: Session, socketId: number, settings: Settings, check?: () => void): Promise<void>;
  /**
   * The socket id of the listed socket that matches the settings.
   * @param isCandidate whether a socket id is eligible
   */
  find(
    listed: SocketList,
    settings: Settings,
    isCandidate: (socketId: number) => boolean,
  ): number | undefined;
  /** Whether a server with `connections` connections admits this peer. */
  admits?(settings: Settings, ip: string, connections: number): boolean;
  /** Seconds after which the module closes a silent connection of a server. */
  idleTimeout?(settings: Settings): number;
  /** Settings that the module's lists do not show, as text. */
  unlistedSettings(settings: Settings): string;
  /** The remote end of a client. */
  remote?(settings: Settings): { readonly host: string; readonly port: number };
  /** Whether to reopen automatically after a failure or a close. */
  isKept(settings: Settings): boolean;
}
