/** Finding out which dialect a module speaks, by its test commands. */
import { type Ask, askTwice, plainCommand } from '../at';
import { type Dialect, EXAMPLE, MANUAL, SPELLINGS } from './dialect';

/** The dialect of the module, or `undefined` when it has no socket forwarding (yet), or its responses are contradictory. */
export async function detectDialect(
  ask: Ask,
  wanted: 'auto' | 'manual' | 'example',
): Promise<Dialect | undefined> {
  const server = await firstKnown(ask, SPELLINGS.server);
  if (!server) return undefined;
  const state = await firstKnown(ask, SPELLINGS.state);
  const close = await firstKnown(ask, SPELLINGS.close);
  const spelling = {
    server: server.name,
    state: state?.name ?? MANUAL.state,
    close: close?.name ?? MANUAL.close,
  };
  const read = wanted === 'auto' ? await firstKnown(ask, ['QFWDRECV'] as const) : undefined;
  if ([server, state, close, read].some((response) => response?.isCertain === false)) return undefined;
  if (wanted !== 'auto') return { ...(wanted === 'example' ? EXAMPLE : MANUAL), ...spelling };
  return {
    ...spelling,
    serverArguments: countParameters(server.lines) === 6 ? 'example' : 'manual',
    read: read ? 'QFWDRECV' : 'QFWDACK',
  };
}

async function firstKnown<Name extends string>(ask: Ask, names: readonly Name[]) {
  for (const name of names) {
    // The spelling of the answer is not relied on: 2.4 answers QFWDRECV=? with +QFWDPRECV.
    const response = await askTwice(
      ask,
      plainCommand(`AT+${name}=?`, ['+QFWDS', '+QFWDC', '+QFWDR', '+QFWDP']),
    );
    if (response) return { name, ...response };
  }
  return undefined;
}

/** How many parameters a test response such as `+X: (0-16),("IP","IPV6"),<addr>` describes; 0 when it is missing. */
export function countParameters(lines: readonly string[]): number {
  const text = lines[0]?.replace(/^[^:]*:\s*/, '');
  if (!text) return 0;
  return text.replace(/\([^)]*\)|<[^>]*>/g, 'x').split(',').length;
}
