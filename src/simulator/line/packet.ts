/**
 * A unit of output, classified by its role. All packets of the response to one command reach the host in a single write.
 * - `info`: information text; `block`: a header with raw bytes; `result`: OK or an error result code
 * - `data`: of the online data state
 */
export type PacketKind = 'echo' | 'prompt' | 'info' | 'block' | 'result' | 'urc' | 'data';

export interface Packet {
  readonly kind: PacketKind;
  readonly bytes: Buffer;
}

/** A response line or URC with its delimiters: `\r\n<text>\r\n`. */
export const textPacket = (kind: PacketKind, text: string): Packet => ({
  kind,
  bytes: Buffer.from(`\r\n${text}\r\n`, 'latin1'),
});
