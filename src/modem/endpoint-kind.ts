import type { Dialect, Protocol, UrcPort } from '../qfwd';
import type { Session } from './session';
import type { Survey } from './survey';

export interface EndpointSettings {
  readonly protocol: Protocol;
  readonly urcPort: UrcPort;
  /** Chosen by the driver when missing. */
  readonly socketId?: number | undefined;
}

/** What differs between servers and clients. */
export interface EndpointKind<Settings> {
  readonly name: 'server' | 'client';
  /** The command that opens it, without AT+. */
  command(dialect: Dialect): string;
  /** One try. @throws {AtError|QfwdError} */
  open(session: Session, socketId: number, settings: Settings): Promise<void>;
  /**
   * The socket id of what the module lists, if it is what the settings want.
   * @param isCandidate whether it may be this one by its id
   */
  find(survey: Survey, settings: Settings, isCandidate: (socketId: number) => boolean): number | undefined;
  /** Whether a server takes this peer, when it has so many connections already. */
  admits?(settings: Settings, ip: string, connections: number): boolean;
  /** What of the settings the module was told and its lists do not show. */
  hidden(settings: Settings): string;
  /** Whether to try again by itself after a failure or a close. */
  isKept(settings: Settings): boolean;
}
