/** TLS of a server or client: what the core node `tls-config` sets. */
import type { Node, NodeAPI } from 'node-red';
import { QfwdError, TlsLayer, type TlsSettings } from '../../src/modem';
import { isEmpty, type Properties } from './settings';

/** The core node, which has no types. */
interface TlsNode extends Node {
  /** Its files could be read. */
  readonly valid?: boolean;
  addTLSOptions(options: object): TlsSettings;
}

/**
 * The TLS of the node chosen in `tls`, if any.
 * @param host what a client connects to; missing for a server
 * @throws {QfwdError} `QFWD_INVALID`
 */
export function tlsLayer(RED: NodeAPI, properties: Properties, host?: string): TlsLayer | undefined {
  const { tls, protocol } = properties;
  if (isEmpty(tls)) return undefined;
  if (protocol === 'udp') throw invalid('TLS is for TCP only: choose TCP, or no TLS configuration');
  const node = RED.nodes.getNode(String(tls)) as Partial<TlsNode> | null;
  if (!node?.addTLSOptions) throw invalid('the TLS configuration is missing or disabled: choose another one');
  if (node.valid === false) throw invalid('the TLS configuration has an error: the log says which');
  const settings = node.addTLSOptions({});
  if (host === undefined && !settings.cert) {
    throw invalid('a server needs a certificate and its key: add them to the TLS configuration');
  }
  return new TlsLayer(settings, host);
}

function invalid(text: string): QfwdError {
  return new QfwdError('QFWD_INVALID', text);
}
