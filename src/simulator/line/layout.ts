import type { Packet, PacketKind } from './packet';

/**
 * How the lines of a response are framed, each line with CR LF before and after it in all of them:
 * - `wrapped`: every line has both of its own
 * - `joined`: successive lines of information text share one CR LF
 * - `tight`: also the last of them and the result code do
 */
export type Layout = 'wrapped' | 'joined' | 'tight';

const CRLF = '\r\n';

/**
 * Frames the packets of a response, or of a part of it, which are framed as `wrapped`.
 * @param last the packet of the response before these
 */
export function layOut(packets: readonly Packet[], layout: Layout, last?: PacketKind): readonly Packet[] {
  if (layout === 'wrapped') return packets;
  return packets.map((packet, index) => {
    const before = index === 0 ? last : packets[index - 1]?.kind;
    const shares = before === 'info' && (packet.kind === 'info' || isTightResult(packet, layout));
    return shares ? { ...packet, bytes: withoutLineBreak(packet.bytes) } : packet;
  });
}

const isTightResult = ({ kind }: Packet, layout: Layout): boolean => layout === 'tight' && kind === 'result';

const withoutLineBreak = (bytes: Buffer): Buffer =>
  bytes.toString('latin1', 0, CRLF.length) === CRLF ? bytes.subarray(CRLF.length) : bytes;
