/** A port of the module, forwarded to a host that this computer can reach. */
import type { Clock } from '../at';
import type { AllowList, ConnectionStream, Endpoint, Layer, ServerSettings, SocketEvent } from '../modem';
import { Connected } from './connected';
import { ended } from './end';
import type { Forward, ForwardEvent, ForwardHost } from './forward';
import { addressOf, connectNear, join } from './near';

export interface InwardSettings {
  readonly listenPort: number;
  readonly host: string;
  readonly port: number;
  readonly ipVersion: ServerSettings['ipVersion'];
  readonly pdpCid: number;
  readonly urcPort: ServerSettings['urcPort'];
  readonly allow: AllowList;
  /** 0 = no limit. */
  readonly maxClients: number;
  /** In ms; 0 = none. */
  readonly idleTimeout: number;
}

const BACKLOG = 10;
/** The longest idle timeout of a module, in s. */
const MOST_IDLE = 65_535;
/** The module closes silent connections so much later than the driver, which can tell why, in s. */
const IDLE_MARGIN = 10;
/**
 * A host that ends first has usually sent all it has to say, and the caller waits for that end: it is passed on after
 * this silence, in ms.
 */
const ANSWER_TIME = 1000;

export class Inward implements Forward {
  private readonly streams = new Set<ConnectionStream>();
  private readonly endpoint: Endpoint<ServerSettings>;
  private readonly server: ServerSettings;

  constructor(
    private readonly host: ForwardHost,
    private readonly settings: InwardSettings,
    autoOpen: boolean,
  ) {
    const { listenPort, ipVersion, pdpCid, urcPort, allow, maxClients, idleTimeout } = settings;
    const layer: Layer = {
      establish: (stream, { clock }) => this.connect(stream, clock),
      toJSON: () => `forward to ${addressOf(settings.host, settings.port)}`,
    };
    this.server = {
      protocol: 'tcp',
      port: listenPort,
      ipVersion,
      pdpCid,
      urcPort,
      allow,
      maxClients,
      backlog: BACKLOG,
      idleTimeout:
        idleTimeout > 0 ? Math.min(Math.ceil(idleTimeout / 1000) + IDLE_MARGIN, MOST_IDLE) : MOST_IDLE,
      layer,
    };
    const { modem, owner, observer } = host;
    this.endpoint = modem.endpoints.declareServer(owner, this.server, autoOpen, {
      onEvent: (event) => {
        const told = this.told(event);
        if (told) observer.onEvent(told);
      },
      onState: (state) => observer.onState(state),
      onError: (error) => observer.onError(error),
    });
  }

  get count(): number {
    return this.streams.size;
  }

  async open(): Promise<ForwardEvent> {
    const { socketId } = await this.endpoint.open(this.server);
    return { event: 'server/open', port: this.settings.listenPort, socketId };
  }

  async close(): Promise<ForwardEvent | undefined> {
    const event = await this.endpoint.close();
    await this.endAll();
    return event && this.told(event);
  }

  async stop(forGood: boolean): Promise<void> {
    const ending = this.endAll();
    this.host.modem.endpoints.release(this.host.owner, forGood);
    await ending;
  }

  private async connect(far: ConnectionStream, clock: Clock): Promise<void> {
    const { host, settings, streams } = this;
    far.answerTime = ANSWER_TIME;
    streams.add(far);
    far.once('close', () => streams.delete(far));
    const near = await connectNear(clock, settings.host, settings.port);
    if (far.destroyed) {
      near.destroy();
      return;
    }
    const { ip, port } = far.connection.ends ?? {};
    const to = addressOf(settings.host, settings.port);
    const connected = new Connected(host, far, settings.idleTimeout, 'to', { from: addressOf(ip, port), to });
    join(near, far, connected, to);
  }

  private async endAll(): Promise<void> {
    await Promise.all([...this.streams].map((stream) => ended(stream)));
  }

  /** The events of connections are told when both ends are open, or closed. */
  private told(event: SocketEvent): ForwardEvent | undefined {
    const { listenPort: port } = this.settings;
    switch (event.event) {
      case 'server/open':
        return { event: 'server/open', port, socketId: event.socketId };
      case 'server/failed':
        return { event: 'server/failed', port, reason: event.reason };
      case 'server/close':
        return { event: 'server/close', port, reason: 'local' };
      default:
        return undefined;
    }
  }
}
