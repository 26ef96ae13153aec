import fc from 'fast-check';

/** What somebody may write in a short message to be taken for the module. */
const TRAPS = [
  'OK',
  'ERROR',
  'RDY',
  'POWERED DOWN',
  'NO CARRIER',
  '+CME ERROR: 3',
  '+QFWDURC: "client/close",7',
  '+QFWDURC: "client/incoming",1,7,"10.0.0.2",40002,"10.0.0.1",2020',
  '+QFWDRECV: 7,1000',
  '+QFWDSEND: 7,10',
  '+Q: 1',
  '+CMEE: 1',
  '+CSQ: 9,9',
  '+CMGL: 9,"REC UNREAD","+49170",,"26/11/28"',
  '+CMT: "",,"",145,4,0,0,"",145,0',
  '+CUSD: 1,"',
  'AT seven',
  'AT+Q',
  '> ',
  '"',
  '',
];

/** The text of a message: up to 160 characters of the default alphabet, with line breaks wherever. */
export const smsBody: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...TRAPS) },
      { weight: 1, arbitrary: fc.constantFrom('\r\n', '\r', '\n', '\r\n\r\n') },
      { weight: 1, arbitrary: fc.stringMatching(/^[ -~]{0,20}$/) },
    ),
    { maxLength: 12 },
  )
  .chain((parts) =>
    fc.constantFrom('', '\r\n', '\r', '\n', '\r\n\r\n').map((between) => parts.join(between).slice(0, 160)),
  );

/** The same on one line that is not blank. */
export const oneLineBody: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...TRAPS.filter((it) => it.trim() !== '')),
  fc.stringMatching(/^[!-~][ -~]{0,80}$/),
);

/** A header of text mode that says how long the body is (AT+CSDH=1). */
export const countedHeader = (length: number): string =>
  `+CMT: "+49170",,"26/11/28,10:00:00+04",145,4,0,0,"+49171",145,${length}`;

/** One that does not. */
export const PLAIN_HEADER = '+CMT: "+49170",,"26/11/28,10:00:00+04"';

/** How a module says it. */
export const said = (header: string, body: string): string => `\r\n${header}\r\n${body}\r\n`;
