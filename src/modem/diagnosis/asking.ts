/** Reads responses to queries of the module. */
import { QfwdError } from '../errors';
import type { RawAnswer } from '../link/raw-command';

/** Executes a command. Rejects with a {@link QfwdError}. */
export type Ask = (command: string) => Promise<RawAnswer>;

/** The lines of the response; `undefined` on ERROR. */
export async function answer(ask: Ask, command: string): Promise<readonly string[] | undefined> {
  try {
    return (await ask(command)).lines;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

export function isRefusal(error: unknown): error is QfwdError {
  return error instanceof QfwdError && error.code === 'QFWD_REJECTED';
}

/** Names and numbers have no prefix, URCs have one. */
export function plainLine(lines: readonly string[] | undefined): string | undefined {
  return lines?.find((line) => !line.startsWith('+'));
}

/** The parameters of the last line with the prefix; earlier lines and other lines may be URCs. */
export function parameters(lines: readonly string[] | undefined, prefix: string): string | undefined {
  return lines
    ?.filter((line) => line.startsWith(prefix))
    .at(-1)
    ?.slice(prefix.length)
    .trim();
}

/** The name of the operator from AT+COPS?, if the module is registered with one. */
export async function askOperator(ask: Ask): Promise<string | undefined> {
  const operator = parameters(await answer(ask, 'AT+COPS?'), '+COPS:');
  return /"([^"]*)"/.exec(operator ?? '')?.[1];
}

/** RSSI in dBm; `undefined` if there is no signal. 3GPP TS 27.007 8.5: 0 to 31 are -113 dBm to -51 dBm, 99 is unknown. */
export function rssiOf(csq: string | undefined): number | undefined {
  const rssi = Number.parseInt(csq ?? '', 10);
  return rssi >= 0 && rssi <= 31 ? 2 * rssi - 113 : undefined;
}
