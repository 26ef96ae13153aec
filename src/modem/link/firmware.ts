import { asking, type Command } from '../../at';
import type { Execute } from '../../sockets';
import { nameIn } from './name-line';

/** The model as the module reports it (AT+CGMM); `undefined` when it reports none. Rejects with an `AtError`. */
export async function modelOf(execute: Execute): Promise<string | undefined> {
  const lines = await asking(execute)(anyLines('AT+CGMM'));
  return lines
    ?.find((line) => !line.startsWith('+') || line.startsWith('+CGMM:'))
    ?.replace(/^\+CGMM:\s*/, '');
}

/**
 * The firmware version as the module reports it (AT+CGMR, or ATI); `undefined` when it reports none. Rejects with an
 * `AtError`.
 */
export async function firmwareOf(execute: Execute): Promise<string | undefined> {
  const ask = asking(execute);
  const version = nameIn(await ask(anyLines('AT+CGMR')), 'AT+CGMR');
  if (version !== undefined) return version;
  const revision = (await ask(anyLines('ATI')))?.find((line) => /^Revision:/i.test(line));
  return revision?.replace(/^Revision:\s*/i, '');
}

function anyLines(text: string): Command<readonly string[]> {
  return { text, isRepeatable: true, decode: ({ lines }) => lines };
}
