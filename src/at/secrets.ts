/**
 * The dialogue as others may see it: in a log, on a screen, in a report. PINs, passwords, numbers of telephones and the
 * words of others stand in the parameters of many commands, some of them known to their makers only. So what is shown are
 * the parameters that are known to hold none of that.
 */
import type { Command } from './command';

/** Commands, answers and URCs, without their first character, all of whose parameters may be shown. */
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
  // Short messages, but for what is in them
  ...['CMGF', 'CSDH', 'CSMS', 'CSMP', 'CNMI', 'CPMS', 'CMGD', 'CMTI', 'CDSI', 'CBMI'],
  // Sockets of TCP/IP, whose users and passwords have commands of their own
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

/** All socket forwarding, by what its names begin with. */
const FORWARDING = 'QFWD';

/** What is asked for is harmless, and what is answered is not. */
const HARMLESS_COMMANDS: ReadonlySet<string> = new Set(['CMGR', 'CMGL']);
/** The other way round; of IMEI, IMSI and ICCID, the last digits are shown. */
const HARMLESS_ANSWERS: ReadonlySet<string> = new Set([
  'CPIN',
  'QCCID',
  'CCID',
  'ICCID',
  'CGSN',
  'GSN',
  'CIMI',
]);

/** What follows `QCFG` where it is harmless: its key. */
const QCFG_KEY =
  /^\s*"(nwscanmode|nwscanseq|band|servicedomain|roamservice|usbnet|usbcfg|urc\/[a-z/]+|risignaltype|ledmode|ims)"/i;

/** Something is set, in any case, and with blanks wherever modules skip them; or something is said. */
const NAME =
  /[+^$*%!#&@~_-]\s*([A-Z](?:\s*\w)*)\s*=(?!\s*\?)|[+^$*%!#&]([A-Z]\w*(?: ERROR)?):|\bAT\s*(D)(?=[^A-Z\s])/gi;

const COMMAND_NAME = /^AT\s*(?:[+^$*%!#&]\s*[A-Z]\w*|[A-Z])?\s*=?/i;

/** IMEI and IMSI have 15 digits, an ICCID 18 to 20, at times with a filling F. */
const IDENTITY = /(?<![0-9A-F])\d{11,16}(?=\d{4}F?(?![0-9A-F]))/gi;

/** A line of the dialogue, or what is said of it, up to the first parameter that may be a secret. */
export function masked(line: string): string {
  for (const { 0: found, 1: command, 2: answer, index } of line.matchAll(NAME)) {
    const end = index + found.length;
    if (!isHarmless(command, answer, line.slice(end))) return `${shortened(line.slice(0, end))}…`;
  }
  return shortened(line);
}

/** A command line as others may see it. */
export function shown({ text, isSecret = false }: Pick<Command, 'text' | 'isSecret'>): string {
  if (!isSecret) return masked(text);
  const [name = ''] = COMMAND_NAME.exec(text) ?? [];
  return name === text ? text : `${name}…`;
}

function isHarmless(command: string | undefined, answer: string | undefined, parameters: string): boolean {
  const name = (command?.replace(/\s/g, '') ?? answer ?? '').toUpperCase();
  if (name === 'QCFG') return QCFG_KEY.test(parameters);
  const others = command === undefined ? HARMLESS_ANSWERS : HARMLESS_COMMANDS;
  return name.startsWith(FORWARDING) || HARMLESS.has(name) || others.has(name);
}

function shortened(line: string): string {
  return line.replace(IDENTITY, '…');
}
