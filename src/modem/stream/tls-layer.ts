/** TLS over connections of the module, end to end: keys and certificates never reach the module. */
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, createSecureContext, createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { within } from '../../at';
import { messageOf, QfwdError, toQfwdError } from '../errors';
import type { ConnectionStream } from './connection-stream';
import type { Flows, Layer } from './layer';
import { Secured } from './secured';
import { meaningOf } from './tls-errors';

/** What a `tls-config` node of Node-RED sets. */
export type TlsSettings = Pick<
  TlsOptions,
  'ca' | 'cert' | 'key' | 'passphrase' | 'rejectUnauthorized' | 'ALPNProtocols'
> & { readonly servername?: string };

/** How long a handshake may take, in ms. Over a slow line and mobile network, it takes some seconds. */
const HANDSHAKE_TIME = 30_000;

export class TlsLayer implements Layer {
  /**
   * @param host what a client connects to; missing for a server
   * @throws {QfwdError} `QFWD_INVALID` when certificate, key and passphrase do not go together
   */
  constructor(
    private readonly settings: TlsSettings,
    private readonly host?: string,
  ) {
    try {
      createSecureContext(settings);
    } catch (error) {
      throw new QfwdError(
        'QFWD_INVALID',
        `${messageOf(error)}: check certificates, key and passphrase of TLS`,
      );
    }
  }

  async establish(stream: ConnectionStream, flows: Flows): Promise<void> {
    try {
      const handshake = this.host === undefined ? this.accept(stream) : this.connect(stream, this.host);
      const socket = await within(flows.clock, HANDSHAKE_TIME, handshake);
      if (!socket) throw new Error('the peer did not finish it in time');
      stream.connection.secure(new Secured(stream, socket, flows));
    } catch (error) {
      throw this.failure(stream, error);
    }
  }

  toJSON(): string {
    return `tls ${createHash('sha256').update(JSON.stringify(this.settings)).digest('hex')}`;
  }

  private connect(stream: ConnectionStream, host: string): Promise<TLSSocket> {
    const servername = this.settings.servername ?? (isIP(host) === 0 ? host : undefined);
    return new Promise((resolve, reject) => {
      const socket = connect({ ...this.settings, ...(servername && { servername }), host, socket: stream });
      socket.once('secureConnect', () => resolve(socket)).on('error', reject);
    });
  }

  private accept(stream: ConnectionStream): Promise<TLSSocket> {
    const { ca, rejectUnauthorized = true } = this.settings;
    // With a CA, clients have to prove who they are as well.
    const requestCert = rejectUnauthorized && ca !== undefined;
    return new Promise((resolve, reject) => {
      const server = createServer({ ...this.settings, requestCert }, resolve);
      server.on('tlsClientError', (error, { authorizationError }) =>
        reject((authorizationError as Error | undefined) ?? error),
      );
      server.emit('connection', stream);
    });
  }

  private failure({ errored, connection }: ConnectionStream, error: unknown): QfwdError {
    // The connection may have failed, and not TLS.
    if (errored) return toQfwdError(errored);
    const { ip, port } = connection.ends ?? {};
    const reason = meaningOf(error);
    const peer = this.host ?? (ip === undefined ? 'a peer' : `${ip} port ${port}`);
    return new QfwdError('QFWD_OPEN_FAILED', `${reason}: the TLS handshake with ${peer} failed`, { reason });
  }
}
