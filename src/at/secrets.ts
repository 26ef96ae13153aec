/**
 * Masks commands and responses for logs, the editor and reports. The parameters of many commands contain PINs, passwords,
 * phone numbers or messages, and not all commands are documented. So only parameters known to be harmless are shown.
 */
import type { Command } from './command';

/** Commands, responses and URCs, without their first character, whose parameters are all harmless. */
export const HARMLESS: ReadonlySet<string> = new Set([
  // The port, and the module as a whole
  ...[
    'CMEE',
    'IPR',
    'ICF',
    'IFC',
    'CFUN',
    'CPAS',
    'CBC',
    'CCLK',
    'CTZU',
    'CTZR',
    'CTZV',
    'CTZE',
    'CSCS',
    'CIND',
  ],
  ...['CIEV', 'CMER', 'GCAP', 'CGMI', 'CGMM', 'CGMR', 'GMI', 'GMM', 'GMR', 'QGMR', 'QPOWD', 'QSCLK', 'QTEMP'],
  ...['QURCCFG', 'QIND', 'QINISTAT', 'QUSIM', 'QSIMDET', 'QSIMSTAT', 'QPINC', 'CPINR'],
  // The network
  ...[
    'CSQ',
    'QCSQ',
    'CESQ',
    'CREG',
    'CGREG',
    'CEREG',
    'CGATT',
    'CGACT',
    'CGPADDR',
    'CGEREP',
    'CGEV',
    'CGDCONT',
  ],
  ...['COPS', 'QNWINFO', 'QSPN', 'QLTS', 'CRING', 'CSCON'],
  // Short messages, except their contents
  ...['CMGF', 'CSDH', 'CSMS', 'CSMP', 'CNMI', 'CPMS', 'CMGD', 'CMTI', 'CDSI', 'CBMI'],
  // TCP/IP sockets; user names and passwords have separate commands
  ...[
    'QIACT',
    'QIDEACT',
    'QIACTEX',
    'QIDEACTEX',
    'QIOPEN',
    'QICLOSE',
    'QISEND',
    'QIRD',
    'QISTATE',
    'QISWTMD',
    'QISDE',
  ],
  ...['QICFG', 'QIURC', 'QIGETERROR', 'QIDNSGIP', 'QIDNSCFG', 'QPING', 'QNTP'],
  ...['CME ERROR', 'CMS ERROR', 'EXT ERROR'],
]);

/** The prefix of all commands of socket forwarding. */
const FORWARDING = 'QFWD';

/** The parameters of the command are harmless, those of the response are not. */
const HARMLESS_COMMANDS: ReadonlySet<string> = new Set(['CMGR', 'CMGL']);
/** The parameters of the response are harmless, those of the command are not. IMEI, IMSI and ICCID are shown in part. */
const HARMLESS_ANSWERS: ReadonlySet<string> = new Set([
  'CPIN',
  'QCCID',
  'CCID',
  'ICCID',
  'CGSN',
  'GSN',
  'CIMI',
]);

/** Keys of `QCFG` with harmless values. */
const QCFG_KEY =
  /^\s*"(nwscanmode|nwscanseq|band|servicedomain|roamservice|usbnet|usbcfg|urc\/[a-z/]+|risignaltype|ledmode|ims)"/i;

/** A write command, in upper or lower case and with blanks where modules ignore them; or a response. */
const NAME =
  /[+^$*%!#&@~_-]\s*([A-Z](?:\s*\w)*)\s*=(?!\s*\?)|[+^$*%!#&]([A-Z]\w*(?: ERROR)?):|\bAT\s*(D)(?=[^A-Z\s])/gi;

/** A command with payload after the socket id. */
const WITH_PAYLOAD = /^(AT\+QISENDEX=\d+,)[^]*/i;

const COMMAND_NAME = /^AT\s*(?:[+^$*%!#&]\s*[A-Z]\w*|[A-Z])?\s*=?/i;

/** IMEI and IMSI have 15 digits; an ICCID has 18 to 20, and may end with a padding F. */
const IDENTITY = /(?<![0-9A-F])\d{11,16}(?=\d{4}F?(?![0-9A-F]))/gi;

/** What stands for a secret, and for the first digits of an identity. */
export interface Marks {
  readonly secret: string;
  readonly identity: (digits: string) => string;
}

const ELLIPSES: Marks = { secret: '…', identity: () => '…' };

/** A line, or a text about one, up to the first parameter that may be a secret. */
export function masked(line: string, { secret, identity }: Marks = ELLIPSES): string {
  const shortened = (text: string): string => text.replace(IDENTITY, identity);
  for (const { 0: found, 1: command, 2: answer, index } of line.matchAll(NAME)) {
    const end = index + found.length;
    if (command && WITH_PAYLOAD.test(line)) return line.replace(WITH_PAYLOAD, `$1${secret}`);
    if (!isHarmless(command, answer, line.slice(end))) return `${shortened(line.slice(0, end))}${secret}`;
  }
  return shortened(line);
}

/** A command line with its secrets masked. */
export function shown(
  { text, isSecret = false }: Pick<Command, 'text' | 'isSecret'>,
  marks = ELLIPSES,
): string {
  if (!isSecret) return masked(text, marks);
  const [name = ''] = COMMAND_NAME.exec(text) ?? [];
  return name === text ? text : name + marks.secret;
}

function isHarmless(command: string | undefined, answer: string | undefined, parameters: string): boolean {
  const name = (command?.replace(/\s/g, '') ?? answer ?? '').toUpperCase();
  if (name === 'QCFG') return QCFG_KEY.test(parameters);
  const others = command === undefined ? HARMLESS_ANSWERS : HARMLESS_COMMANDS;
  return name.startsWith(FORWARDING) || HARMLESS.has(name) || others.has(name);
}
