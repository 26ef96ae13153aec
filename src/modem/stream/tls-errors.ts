import { messageOf } from '../errors';

/** Codes of OpenSSL and Node.js; an alert is what the peer says of this side. */
const MEANINGS: readonly (readonly [code: RegExp, meaning: string])[] = [
  [/^CERT_HAS_EXPIRED$/, 'the certificate of the peer has expired'],
  [
    /^CERT_NOT_YET_VALID$/,
    'the certificate of the peer is not valid yet: is the clock of this computer right?',
  ],
  [/^CERT_REVOKED$/, 'the certificate of the peer was revoked'],
  [
    /^DEPTH_ZERO_SELF_SIGNED_CERT$|^SELF_SIGNED_CERT_IN_CHAIN$/,
    'the certificate of the peer is self-signed, and not from a known CA',
  ],
  [
    /^UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE)/,
    'unknown CA: the certificate of the peer is from a CA that is not trusted',
  ],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'wrong name: the certificate of the peer is for another host'],
  [/^INVALID_PURPOSE$/, 'the certificate of the peer is for another purpose'],
  [/PEER_DID_NOT_RETURN_A_CERTIFICATE/, 'the peer has sent no certificate'],
  [/ALERT_UNKNOWN_CA/, 'unknown CA: the peer does not trust the CA of the certificate of this side'],
  [/ALERT_(BAD_CERTIFICATE|CERTIFICATE_UNKNOWN)/, 'the peer refuses the certificate of this side'],
  [/ALERT_CERTIFICATE_EXPIRED/, 'the peer says that the certificate of this side has expired'],
  [/ALERT_CERTIFICATE_REQUIRED|ALERT_NO_CERTIFICATE/, 'the peer requires a certificate of this side'],
  [/NO_APPLICATION_PROTOCOL/, 'both sides have no protocol (ALPN) in common'],
  [
    /(UNSUPPORTED|VERSION)_PROTOCOL|PROTOCOL_VERSION|NO_PROTOCOLS_AVAILABLE/,
    'both sides have no version of TLS in common',
  ],
  [
    /NO_SHARED_CIPHER|NO_CIPHER_MATCH/,
    'both sides have no cipher in common, or this side has no certificate',
  ],
  [
    /WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH_TOO_LONG|RECORD_LAYER_FAILURE|UNEXPECTED_MESSAGE|UNKNOWN_PROTOCOL/,
    'the peer does not speak TLS',
  ],
  [/ALERT_HANDSHAKE_FAILURE/, 'the peer refuses the handshake'],
  [/^ECONNRESET$/, 'the peer has closed the connection'],
];

/** Why TLS failed, in plain words, with the code. */
export function meaningOf(error: unknown): string {
  const code = typeof error === 'string' ? error : ((error as { code?: unknown }).code ?? '');
  if (typeof code !== 'string' || code === '') return messageOf(error);
  const known = MEANINGS.find(([pattern]) => pattern.test(code));
  return known ? `${known[1]} (${code})` : `${messageOf(error)} (${code})`;
}
