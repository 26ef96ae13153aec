/** Streams of new connections, which replace the flows. */
import { once } from 'node:events';

import type { ConnectionStream, Layer } from '../../../src/modem';
import { Log } from '../log';
import { type Peer, tcpServer } from '../peers';
import type { Rig, ServerOptions } from './rig';

/** A layer that returns each stream at once. */
export class TakenStreams implements Layer {
  readonly log = new Log<ConnectionStream>();

  establish(stream: ConnectionStream): Promise<void> {
    this.log.push(stream);
    return Promise.resolve();
  }

  toJSON(): string {
    return 'taken';
  }
}

/** A connection that a server of the module has accepted, as a stream, and its peer. */
export async function acceptedStream(rig: Rig, options: ServerOptions = {}) {
  const layer = new TakenStreams();
  const server = await rig.openServer({ ...options, layer });
  const { peer } = await server.connect();
  return { server, peer, stream: await layer.log.next() };
}

/** A connection that the module has opened, as a stream, and its peer. */
export async function openedStream(rig: Rig): Promise<{ peer: Peer; stream: ConnectionStream }> {
  const layer = new TakenStreams();
  const outside = await tcpServer();
  const client = rig.declareClient({ port: outside.port, reconnect: false, layer });
  await client.event('client/open');
  return { peer: await outside.peers.next(), stream: await layer.log.next() };
}

/** Resolves with the error that ended the stream, or `undefined`, when it is closed. */
export async function endOf(stream: ConnectionStream): Promise<unknown> {
  if (!stream.closed) await new Promise((resolve) => stream.once('close', resolve));
  return stream.errored ?? undefined;
}

/** Everything that a stream returns until the end of its peer. */
export async function contents(stream: ConnectionStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'end');
  return Buffer.concat(chunks);
}
