/** Connections that the module opens for callers of this computer. */
import type { Duplex } from 'node:stream';
import { type ClientSettings, type ConnectionStream, type Layer, QfwdError, SILENT } from '../modem';
import { ended } from './end';
import type { ForwardHost } from './forward';

export type DialSettings = Pick<ClientSettings, 'ipVersion' | 'pdpCid' | 'urcPort'>;

export class Dialer {
  private readonly open = new Map<string, ConnectionStream | undefined>();
  private dialed = 0;

  constructor(
    private readonly host: ForwardHost,
    private readonly settings: DialSettings,
  ) {}

  /** The number of connections, with those being opened. */
  get count(): number {
    return this.open.size;
  }

  /**
   * Has the module connect to a host, unless the caller goes away meanwhile.
   * @throws {QfwdError}
   */
  async dial(caller: Duplex, host: string, port: number): Promise<ConnectionStream> {
    const { modem, owner } = this.host;
    const name = `${owner}/${++this.dialed}`;
    const hangUp = (): void => modem.endpoints.release(name, true);
    const given: { stream?: ConnectionStream } = {};
    const layer: Layer = {
      establish: (stream) => {
        given.stream = stream;
        return Promise.resolve();
      },
      toJSON: () => 'forward',
    };
    const settings: ClientSettings = {
      ...this.settings,
      protocol: 'tcp',
      host,
      port,
      reconnect: false,
      layer,
    };
    this.open.set(name, undefined);
    caller.once('close', hangUp);
    try {
      await modem.endpoints.declareClient(name, settings, false, SILENT).open(settings);
      const { stream } = given;
      if (!stream || stream.destroyed || caller.destroyed) throw calledOff();
      this.open.set(name, stream);
      stream.once('close', () => this.end(name));
      return stream;
    } catch (error) {
      given.stream?.destroy();
      this.end(name);
      throw error;
    } finally {
      caller.off('close', hangUp);
    }
  }

  /** Ends all connections; resolves when the module has closed them. */
  async endAll(): Promise<void> {
    const streams = [...this.open.values()].filter((stream) => stream !== undefined);
    for (const [name, stream] of this.open) if (!stream) this.end(name);
    await Promise.all(streams.map((stream) => ended(stream)));
  }

  private end(name: string): void {
    this.open.delete(name);
    this.host.modem.endpoints.release(name, true);
  }
}

function calledOff(): QfwdError {
  return new QfwdError('QFWD_CLOSED', 'the caller has gone');
}
