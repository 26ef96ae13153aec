import {
  checkInitLine,
  type ContextOptions,
  type ModemOptions,
  objectionToInit,
  QfwdError,
  URC_PORTS,
} from '../../src/modem';
import { messageOf } from '../../src/modem/errors';
import { checkContext } from '../../src/tcpip';
import type { SerialOptions } from '../../src/transport';
import { type Commands, COMMANDS } from './families';
import {
  flag,
  integer,
  invalid,
  oneOf,
  optionalInteger,
  type Properties,
  requiredText,
  text,
} from '../runtime/settings';

/** What the editor keeps apart from the flow, and never shows again. */
export interface Credentials {
  readonly pin?: string;
  /** As `init`. */
  readonly secretInit?: string;
  readonly apnPassword?: string;
}

/** How the module is reached. */
export type Access = {
  /** Another tty of the same module. */
  readonly second?: SerialOptions | undefined;
} & (
  | { readonly transport: 'serial'; readonly port: SerialOptions }
  | { readonly transport: 'tcp'; readonly host: string; readonly port: number }
  | { readonly transport: 'simulator'; readonly options: object }
);

/** @throws {QfwdError} `QFWD_INVALID` */
export function accessOf(properties: Properties): Access {
  const transport = oneOf(properties, 'transport', ['serial', 'tcp', 'simulator']);
  const secondPath = text(properties, 'secondPath');
  const second = secondPath === '' ? undefined : serialOptions(properties, secondPath);
  switch (transport) {
    case 'serial':
      return { transport, second, port: serialOptions(properties, requiredText(properties, 'path')) };
    case 'tcp':
      return {
        transport,
        second,
        host: requiredText(properties, 'host'),
        port: integer(properties, 'port', 1, 65535),
      };
    case 'simulator':
      return { transport, second, options: simulatorOptions(properties.simulator ?? {}) };
  }
}

function serialOptions(properties: Properties, path: string): SerialOptions {
  const baudRate = integer({ baudRate: 115200, ...properties }, 'baudRate', 300, 4_000_000);
  return { path, baudRate, rtscts: flag(properties, 'rtscts') };
}

/** @throws {QfwdError} `QFWD_INVALID` */
export function modemOptions(given: Properties, credentials: Credentials): ModemOptions {
  const properties = { ...DEFAULTS, ...given };
  const commandTimeout = integer(properties, 'commandTimeout', 100, 600_000);
  return {
    dialect: oneOf(properties, 'dialect', ['auto', 'manual', 'example']),
    payloadMode: oneOf(properties, 'payloadMode', ['auto', 'raw', 'hex']),
    urcPort: oneOf(properties, 'urcPort', URC_PORTS),
    pdpCid: pdpCidOf(properties),
    init: initLines(text(properties, 'init')),
    secretInit: secretLines(credentials),
    pin: pinOf(credentials.pin),
    waitForNetwork: flag(properties, 'waitForNetwork'),
    commandTimeout,
    adaptsTimeout: commandTimeout === DEFAULTS.commandTimeout,
    openTimeout: integer(properties, 'openTimeout', 1000, 600_000),
    queueLimit: integer(properties, 'queueLimit', 1024, 2 ** 30),
    calibrate: flag(properties, 'calibrate'),
    context: contextOf(properties, credentials),
    parallel: flag(properties, 'parallel'),
  };
}

/** @throws {QfwdError} `QFWD_INVALID` */
export function commandsOf(properties: Properties): Commands {
  return oneOf({ commands: 'auto', ...properties }, 'commands', COMMANDS);
}

/** The TCP/IP commands always use the mobile network, and 0 means context 1 to them. */
function pdpCidOf(properties: Properties): number {
  const pdpCid = optionalInteger(properties, 'pdpCid', 0, 16) ?? 0;
  return pdpCid === 0 && commandsOf(properties) === 'tcpip' ? 1 : pdpCid;
}

/** Without an APN, a context is used as the module has it. */
function contextOf(properties: Properties, { apnPassword = '' }: Credentials): ContextOptions | undefined {
  const apn = text(properties, 'apn');
  const context: ContextOptions = {
    apn,
    user: text(properties, 'apnUser'),
    password: apnPassword,
    auth: oneOf(properties, 'apnAuth', ['none', 'pap', 'chap', 'either']),
    type: oneOf(properties, 'apnType', ['IP', 'IPV6', 'IPV4V6']),
  };
  if (apn === '') return undefined;
  try {
    checkContext(context);
  } catch (error) {
    throw new QfwdError('QFWD_INVALID', `apn: ${messageOf(error)}`);
  }
  return context;
}

const DEFAULTS = {
  apnAuth: 'none',
  apnType: 'IP',
  dialect: 'auto',
  payloadMode: 'auto',
  urcPort: 'usbat',
  pdpCid: 0,
  commandTimeout: 5000,
  openTimeout: 150_000,
  queueLimit: 1_048_576,
};

/** One AT command a line; see {@link checkInitLine} for what may not be one. */
function initLines(init: string): string[] {
  return linesOf(init).map(({ line }) => {
    try {
      checkInitLine(line);
      return line;
    } catch (error) {
      throw new QfwdError('QFWD_INVALID', `init: ${messageOf(error)}`);
    }
  });
}

/** Start commands that nobody may see, not in an error either. @throws {QfwdError} `QFWD_INVALID` */
function secretLines({ secretInit }: Credentials): string[] {
  return linesOf(secretInit ?? '').map(({ line, number }) => {
    const reason = objectionToInit(line);
    if (reason === undefined) return line;
    throw new QfwdError('QFWD_INVALID', `secretInit: line ${number} is refused: ${reason}`);
  });
}

function linesOf(text: string): { readonly line: string; readonly number: number }[] {
  return text
    .split(/\r?\n/)
    .map((line, at) => ({ line: line.trim(), number: at + 1 }))
    .filter(({ line }) => line !== '');
}

/** 3GPP TS 31.101: 4 to 8 digits. */
function pinOf(pin: unknown): string | undefined {
  if (pin === undefined || pin === '') return undefined;
  if (typeof pin === 'string' && /^\d{4,8}$/.test(pin)) return pin;
  throw invalid('pin', '…', '4 to 8 digits');
}

/** The environment variable SIM_FAMILY is the default of the option `family`, so that any flow can be tried with either. */
function withFamily(options: object): object {
  const { SIM_FAMILY: family } = process.env;
  return family ? { family, ...options } : options;
}

function simulatorOptions(value: unknown): object {
  try {
    const options: unknown = typeof value === 'string' ? JSON.parse(value || '{}') : value;
    if (typeof options === 'object' && options !== null && !Array.isArray(options))
      return withFamily(options);
  } catch {
    // Not JSON: reported below.
  }
  throw invalid('simulator', value, 'a JSON object');
}
