/** The command line of qfwd-check. */
import { parseArgs } from 'node:util';

export interface CheckArguments {
  readonly help: boolean;
  /** Where the AT port is; if missing, it is searched for. */
  readonly place?: { readonly path: string } | { readonly host: string; readonly port: number };
  /** Another tty of the same module. */
  readonly second?: string;
  readonly baudRate: number;
  /** Files to write. */
  readonly report?: string;
  readonly trace?: string;
  /** The trace keeps payload. */
  readonly payload: boolean;
  /** Prints the result as JSON, and nothing else. */
  readonly json: boolean;
  /** Whether sockets are opened, to measure. */
  readonly sockets: boolean;
}

const DEFAULT_BAUD_RATE = 115_200;

/** @throws {Error} that says which argument is wrong */
export function parseCommandLine(args: string[]): CheckArguments {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', short: 'h' },
      port: { type: 'string' },
      tcp: { type: 'string' },
      second: { type: 'string' },
      baud: { type: 'string' },
      report: { type: 'string' },
      trace: { type: 'string' },
      payload: { type: 'boolean' },
      json: { type: 'boolean' },
      'no-sockets': { type: 'boolean' },
    },
  });
  const { port, tcp, second, report, trace } = values;
  for (const name of ['port', 'tcp', 'second', 'report', 'trace'] as const)
    if (values[name] === '') throw new Error(`--${name} is empty`);
  if (port !== undefined && tcp !== undefined) throw new Error('use --port or --tcp, not both');
  if (report !== undefined && report === trace) throw new Error('--report and --trace are one file');
  return {
    help: values.help === true,
    ...(port !== undefined && { place: { path: port } }),
    ...(tcp !== undefined && { place: hostAndPort(tcp) }),
    ...(second !== undefined && { second }),
    baudRate: values.baud === undefined ? DEFAULT_BAUD_RATE : baudRate(values.baud),
    ...(report !== undefined && { report }),
    ...(trace !== undefined && { trace }),
    payload: values.payload === true,
    json: values.json === true,
    sockets: values['no-sockets'] !== true,
  };
}

function hostAndPort(text: string): { host: string; port: number } {
  const [, host = '', port = ''] = /^\[?([^[\]]+)\]?:(\d+)$/.exec(text) ?? [];
  if (host !== '' && Number(port) >= 1 && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new Error(`--tcp must be HOST:PORT, not ${text}`);
}

function baudRate(text: string): number {
  const rate = Number(text);
  if (Number.isInteger(rate) && rate >= 300 && rate <= 4_000_000) return rate;
  throw new Error(`--baud must be a whole number from 300 to 4000000, not ${text}`);
}

export const HELP = `Usage: qfwd-check [--port PATH | --tcp HOST:PORT] [options]

Checks a Quectel module, measures its firmware, and says what to do about what is wrong.

  --port PATH       The AT port of the module. If no port is given, it is searched for.
  --tcp HOST:PORT   A serial server in raw TCP mode.
  --second PATH     Another AT port of the same module.
  --baud N          Speed of a serial port, default ${DEFAULT_BAUD_RATE}.
  --report FILE     Write a report in Markdown, for a bug report. IMEI, ICCID and addresses are masked.
  --trace FILE      Write all traffic, for a test. Secrets and addresses are masked, payload is replaced by x.
  --payload         Keep payload in the trace. It is made by this program.
  --json            Print the result as JSON.
  --no-sockets      Open no sockets.
  --help, -h        Print this text.

Exit status: 0 all is well or works with warnings, 1 something is wrong,
             2 wrong usage, a file that cannot be written, or no port.
`;
