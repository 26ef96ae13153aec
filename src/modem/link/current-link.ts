import type { Channel, Transport } from '../../at';
import type { Session } from './session';

/**
 * What there is to talk to at this moment. The link writes it, and whoever lists the sockets of the module; everybody
 * else reads it.
 */
export class CurrentLink {
  /** The line to the module, from the moment its port is open. */
  channel: Channel | undefined;
  /** A module that answers, is set up, and knows commands for sockets. */
  session: Session | undefined;
  /** The port in use was lost, and the second port is about to replace it. */
  isFailingOver = false;
  /** The other one of two ports that are used, while it does not work. */
  lostPort: Transport | undefined;
  /** What comes over the port is new: what may have waited in it since it was open last is over. */
  isInStep = false;
  /** Ports to which the module has reported anything of its sockets since the session before. */
  private readonly reporting = new Set<Transport>();
  /** The session whose sockets were listed: before, a socket id may mean another connection than in the last one. */
  private listed: Session | undefined;

  /** @param port the one in use, or the next to be tried */
  constructor(public port: Transport) {}

  /** The session, once its socket ids mean what they are taken for. */
  get dataSession(): Session | undefined {
    return this.listed === this.session ? this.session : undefined;
  }

  noteReport(port: Transport): void {
    this.reporting.add(port);
  }

  /** Whether sockets report to both of two ports, so that what one says may overtake what the other does. */
  get areReportsSplit(): boolean {
    return this.reporting.size > 1;
  }

  /** The port is closed, or the module behind it starts anew. */
  end(): void {
    this.session = undefined;
    this.channel = undefined;
    this.isInStep = false;
    this.reporting.clear();
  }

  /** All that is open in this session is known. @returns whether it was not before */
  noteListed(session: Session): boolean {
    const isFirst = this.listed !== session;
    this.listed = session;
    return isFirst;
  }
}
