/**
 * What the module puts on a line, by its role in the dialogue. The packets of one answer reach the host as one write.
 * - `info` an information response, `block` a header with raw bytes, `result` OK or an error
 */
export type PacketKind = 'echo' | 'prompt' | 'info' | 'block' | 'result' | 'urc';

export interface Packet {
  readonly kind: PacketKind;
  readonly bytes: Buffer;
}

/** A response or URC in its frame: `\r\n<text>\r\n`. */
export const textPacket = (kind: PacketKind, text: string): Packet => ({
  kind,
  bytes: Buffer.from(`\r\n${text}\r\n`, 'latin1'),
});
