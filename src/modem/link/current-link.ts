import type { Channel, Transport } from '../../at';
import type { Session } from './session';

/**
 * The current channel, session and ports. Written by the link and by the code that lists the sockets of the module;
 * read by everything else.
 */
export class CurrentLink {
  /** The channel to the module; set while the port is open. */
  channel: Channel | undefined;
  /** Set while the module answers, is set up, and has socket commands. */
  session: Session | undefined;
  /** The port in use was lost, and the second port is about to replace it. */
  isFailingOver = false;
  /** The second port, while it does not work. */
  lostPort: Transport | undefined;
  /** The channel is synchronized: data left over from an earlier opening of the port has been discarded. */
  isInStep = false;
  /** Ports that have received socket URCs since the last session ended. */
  private readonly reporting = new Set<Transport>();
  /** The session whose sockets were listed. Before the list, a socket id may mean another connection than it did. */
  private listed: Session | undefined;

  /** @param port the one in use, or the next to be tried */
  constructor(public port: Transport) {}

  /** The session, once its sockets were listed, so that socket ids are reliable. */
  get dataSession(): Session | undefined {
    return this.listed === this.session ? this.session : undefined;
  }

  /** Whether the sockets of this session were listed. */
  isListed(session: Session): boolean {
    return this.listed === session;
  }

  noteReport(port: Transport): void {
    this.reporting.add(port);
  }

  /** Whether socket URCs arrive on both ports, so that their relative order is unknown. */
  get areReportsSplit(): boolean {
    return this.reporting.size > 1;
  }

  /** The port was closed, or the module restarts. */
  end(): void {
    this.session = undefined;
    this.channel = undefined;
    this.isInStep = false;
    this.reporting.clear();
  }

  /** The sockets of this session were listed. @returns whether this is the first list of the session */
  noteListed(session: Session): boolean {
    const isFirst = this.listed !== session;
    this.listed = session;
    return isFirst;
  }
}
