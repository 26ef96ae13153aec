import type { Clock } from '../../at';
import type { SocketFamily, SocketUrc } from '../../sockets';
import type { CurrentLink } from './current-link';
import { holdsText, isModuleUrc } from './module-urc';

export interface UrcDecoderOptions {
  readonly clock: Clock;
  readonly current: CurrentLink;
  readonly families: readonly SocketFamily[];
}

/** What the lists of the module, of sockets and contexts, show as well. */
const LISTED: ReadonlySet<SocketUrc['event']> = new Set(['client/incoming', 'client/close', 'context/lost']);
/** In ms. URCs this soon after a text are verified, as they may be part of it. */
const TEXT_NEARBY = 500;

/** Decodes the URCs of all families, and tells those that others may have written: as a text message, for example. */
export class UrcDecoder {
  /** Time of the last line that holds text of others. */
  private textAt = -Infinity;

  constructor(private readonly options: UrcDecoderOptions) {}

  /** @returns `undefined` for a socket URC that may be part of a text: the sockets must be listed instead */
  decode(line: string): SocketUrc | undefined {
    const { clock, current, families } = this.options;
    const urc = decodeUrc(line, families);
    const now = clock.now();
    if (holdsText(line)) this.textAt = now;
    const { isAnswerOpen = false, typedAnswerEndedAt = -Infinity } = current.channel ?? {};
    const mayBeText = isAnswerOpen || now - Math.max(this.textAt, typedAnswerEndedAt) <= TEXT_NEARBY;
    const isUnexpected = urc.event === 'client/open' && current.session?.openings.has(urc.socketId) !== true;
    const isListed = isUnexpected || LISTED.has(urc.event);
    return isListed && mayBeText ? undefined : urc;
  }
}

/** Whether a line is never part of a response, with any of the command families. */
export function isUnsolicited(line: string, families: readonly SocketFamily[]): boolean {
  return isModuleUrc(line) || families.some((family) => family.isUnsolicited(line));
}

function decodeUrc(line: string, families: readonly SocketFamily[]): SocketUrc {
  for (const family of families) {
    const urc = family.decodeUrc(line);
    if (urc.event !== 'other') return urc;
  }
  return { event: 'other', line };
}
