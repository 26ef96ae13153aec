/** Whether the module is registered on a mobile network: for LTE, for packet data, or for calls. */
export interface Registration {
  /** Which command said so, without AT+. */
  readonly command: string;
  /** 3GPP TS 27.007 7.2: 1 = registered, home network; 2 = searching; 3 = denied; 5 = registered, roaming. */
  readonly status: number;
}

const COMMANDS = ['CEREG', 'CGREG', 'CREG'] as const;

/**
 * Asks until one of the commands says that it is registered, which is then the last.
 * @param ask gives the lines that answer a command; nothing when the module said ERROR
 */
export async function askRegistration(
  ask: (text: string, prefix: string) => Promise<readonly string[] | undefined>,
): Promise<Registration[]> {
  const found: Registration[] = [];
  for (const command of COMMANDS) {
    const prefix = `+${command}:`;
    const lines = (await ask(`AT+${command}?`, prefix)) ?? [];
    const status = lines
      .filter((line) => line.startsWith(prefix))
      .flatMap(statusIn)
      .at(-1);
    if (status === undefined) continue;
    const registration = { command, status };
    found.push(registration);
    if (isRegistered(registration)) break;
  }
  return found;
}

export function isRegistered({ status }: Registration): boolean {
  return status === 1 || status === 5;
}

export function isDenied({ status }: Registration): boolean {
  return status === 3;
}

/** `<n>,<stat>…`; an unsolicited line of the same name has no `<n>`. */
function statusIn(line: string): number[] {
  const status = /:\s*\d+\s*,\s*(\d+)/.exec(line)?.[1];
  return status === undefined ? [] : [Number(status)];
}
