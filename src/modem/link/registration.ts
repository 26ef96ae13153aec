/** Registration status of the module for LTE (CEREG), packet data (CGREG), or circuit-switched services (CREG). */
export interface Registration {
  /** The command that returned the status, without AT+. */
  readonly command: string;
  /** 3GPP TS 27.007 7.2: 1 = registered, home network; 2 = searching; 3 = denied; 5 = registered, roaming. */
  readonly status: number;
}

const COMMANDS = ['CEREG', 'CGREG', 'CREG'] as const;

/**
 * Queries the registration with each command, and stops at the first that reports a registration.
 * @param ask returns the response lines of a command; `undefined` if the command failed
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

/** `<stat>` of `<n>,<stat>…`; a URC of the same name has no `<n>`. */
function statusIn(line: string): number[] {
  const status = /:\s*\d+\s*,\s*(\d+)/.exec(line)?.[1];
  return status === undefined ? [] : [Number(status)];
}
