/** The dialogue as others may see it: in a log, on a screen, in a report. */

/** Commands whose parameters are PINs, passwords or keys (3GPP TS 27.007 and Quectel's manuals). */
const SECRET_COMMANDS = [
  'CPIN',
  'CLCK',
  'CPWD',
  'QICSGP',
  'CGAUTH',
  'QPPPAUTH',
  'QMTCONN',
  'QFTPCFG',
  'QSMTPCFG',
  'QHTTPCFG',
];

/** Those whose answers hold them, too. */
const SECRET_ANSWERS = ['QICSGP', 'CGAUTH', 'QFTPCFG', 'QSMTPCFG', 'QHTTPCFG'];

/** In any case, and with blanks wherever modules skip them. */
const SECRET = new RegExp(
  `(\\+\\s*(?:${SECRET_COMMANDS.map((name) => name.split('').join('\\s*')).join('|')})\\s*=)(?!\\s*\\?).*`,
  'is',
);

const SECRET_ANSWER = new RegExp(`(\\+(?:${SECRET_ANSWERS.join('|')}):).*`, 'is');

/** IMEI and IMSI have 15 digits, an ICCID 18 to 20, at times with a filling F. */
const IDENTITY = /(?<![0-9A-F])\d{11,16}(?=\d{4}F?(?![0-9A-F]))/gi;

/** A line of the dialogue without PINs and passwords, and with no more of IMEI, IMSI and ICCID than their last digits. */
export function masked(line: string): string {
  return line.replace(SECRET, '$1…').replace(SECRET_ANSWER, '$1…').replace(IDENTITY, '…');
}
