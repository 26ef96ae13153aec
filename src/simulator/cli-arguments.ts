import { parseArgs } from 'node:util';

import { OPTIONS, OPTION_NAMES, parseOptions, type PortName, type SimulatorOptions } from './options';

/** Where an AT port is published. */
export type Place =
  | { readonly port: PortName; readonly tcp: { readonly host: string; readonly port: number } }
  | { readonly port: PortName; readonly pty: string };

export interface CliArguments {
  readonly help: boolean;
  /** Where the traffic goes: `print` to stderr, or as a trace to a file. */
  readonly trace?: 'print' | { readonly file: string };
  /** The trace keeps payload. */
  readonly payload: boolean;
  /** A trace to be played instead of simulating a module. */
  readonly replay?: string;
  readonly places: readonly Place[];
  readonly options: SimulatorOptions;
}

const PLACES = {
  tcp: {
    port: 'usbat',
    value: 'HOST:PORT',
    doc: 'Serve the AT port as raw TCP; a new client replaces the previous one.',
  },
  pty: { port: 'usbat', value: 'PATH', doc: 'Publish the AT port as a tty (needs socat).' },
  'second-tcp': { port: 'usbmodem', value: 'HOST:PORT', doc: 'Serve the modem port as raw TCP.' },
  'second-pty': { port: 'usbmodem', value: 'PATH', doc: 'Publish the modem port as a tty.' },
} as const;

const PLACE_NAMES = Object.keys(PLACES) as (keyof typeof PLACES)[];

/** @throws Error that says which argument is wrong */
export function parseCommandLine(args: string[]): CliArguments {
  const strings = [...PLACE_NAMES, 'replay', TRACE_FILE, ...OPTION_NAMES].map(
    (name) => [name, { type: 'string' }] as const,
  );
  const { values } = parseArgs({
    args: withTraceFile(args),
    options: {
      help: { type: 'boolean' },
      trace: { type: 'boolean' },
      payload: { type: 'boolean' },
      ...Object.fromEntries(strings),
    },
  });
  const given = new Map<string, unknown>(Object.entries(values));
  const places = PLACE_NAMES.filter((name) => given.has(name)).map((name) =>
    place(name, String(given.get(name))),
  );
  const options = parseOptions(Object.fromEntries(OPTION_NAMES.map((name) => [name, given.get(name)])));
  const help = given.has('help');
  if (!help && places.length === 0)
    throw new Error('Specify where to publish the AT port: --tcp HOST:PORT or --pty PATH');
  if (given.has('tcp') && given.has('pty')) throw new Error('The AT port can use --tcp or --pty, not both');
  if (given.has('second-tcp') && given.has('second-pty')) {
    throw new Error('The modem port can use --second-tcp or --second-pty, not both');
  }
  const text = (name: string): string | undefined => {
    const value = given.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  const [file, replay] = [text(TRACE_FILE), text('replay')];
  return {
    help,
    ...(given.has('trace') && { trace: 'print' as const }),
    ...(file !== undefined && { trace: { file } }),
    payload: given.has('payload'),
    ...(replay !== undefined && { replay }),
    places,
    options,
  };
}

/** `--trace` followed by a file. */
const TRACE_FILE = 'trace-file';

/** `--trace` may have a value. */
function withTraceFile(args: readonly string[]): string[] {
  return args.map((argument, at) => {
    const hasValue = args[at + 1]?.startsWith('-') === false;
    if (argument === '--trace' && hasValue) return `--${TRACE_FILE}`;
    return argument.replace(/^--trace=/, `--${TRACE_FILE}=`);
  });
}

function place(name: keyof typeof PLACES, value: string): Place {
  const { port } = PLACES[name];
  if (name === 'pty' || name === 'second-pty') return { port, pty: value };
  const match = /^\[?([^[\]]*)\]?:(\d+)$/.exec(value);
  const tcpPort = Number(match?.[2] ?? NaN);
  if (!(tcpPort <= 65_535)) throw new Error(`--${name} must be HOST:PORT, not ${value}`);
  const host = match?.[1] === '' ? '127.0.0.1' : (match?.[1] ?? '');
  if (!/^(127\.[\d.]+|::1|localhost)$/i.test(host)) {
    throw new Error(
      `--${name} accepts loopback addresses only, such as 127.0.0.1: an AT port has no access control`,
    );
  }
  return { port, tcp: { host, port: tcpPort } };
}

/** The text of --help, made from the table of options. */
export function helpText(): string {
  const places = PLACE_NAMES.map((name) => `  --${name} ${PLACES[name].value}\n      ${PLACES[name].doc}`);
  const options = OPTION_NAMES.map((name) => {
    const { default: value, allowed, doc } = OPTIONS[name];
    return `  --${name} VALUE\n      ${doc}\n      ${allowed}; default ${JSON.stringify(value)}`;
  });
  return [
    'Usage: qfwd-simulator --tcp HOST:PORT | --pty PATH [options]',
    '',
    'Simulates a Quectel EC2x with the AT+QFWD or TCP/IP commands, over real sockets on the loopback interface of this host.',
    '',
    ...places,
    '  --trace [FILE]\n      Print the traffic of every AT port to stderr, or write it to FILE as a trace, without secrets and payload.',
    '  --payload\n      Keep payload in the trace.',
    '  --replay FILE\n      Play the module of a trace: what was asked then is answered as it was then, after as long a time, and anything else with ERROR.',
    '  --help\n      Print this text.',
    '',
    'Options of the module (CR and LF may be written \\r and \\n):',
    '',
    ...options,
    '',
  ].join('\n');
}
