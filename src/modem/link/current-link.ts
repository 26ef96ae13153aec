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
  /** URCs were lost: until the next list, a socket id may mean another connection. */
  areIdsInDoubt = false;
  /** The session whose sockets were listed: before, a socket id may mean another connection than in the last one. */
  private listed: Session | undefined;

  /** @param port the one in use, or the next to be tried */
  constructor(public port: Transport) {}

  /** The session, once its socket ids mean what they are taken for. */
  get dataSession(): Session | undefined {
    return this.listed === this.session ? this.session : undefined;
  }

  /** The same, for what takes data out of the module. */
  get readSession(): Session | undefined {
    return this.areIdsInDoubt ? undefined : this.dataSession;
  }

  /** All that is open in this session is known. @returns whether it was not before */
  noteListed(session: Session): boolean {
    const isFirst = this.listed !== session;
    this.listed = session;
    this.areIdsInDoubt = false;
    return isFirst;
  }
}
