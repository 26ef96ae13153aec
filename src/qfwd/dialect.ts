/**
 * What differs between firmwares. The manual contradicts itself (headings, contents and examples disagree), and no
 * firmware is known to follow all of it, so each of these is found out by asking the module.
 */
export interface Dialect {
  readonly server: 'QFWDSEVER' | 'QFWDSERVER';
  readonly state: 'QFWDSTATE' | 'QFWDSSSTATE';
  readonly close: 'QFWDCLOSE' | 'QFWDSCLOSE';
  /** `example`: six server arguments, as in chapter 4. */
  readonly serverArguments: 'manual' | 'example';
  /** Chapter 4 reads by AT+QFWDACK with a length. */
  readonly read: 'QFWDRECV' | 'QFWDACK';
}

/** Chapter 2 of the manual, with the spellings of its contents and examples. */
export const MANUAL: Dialect = {
  server: 'QFWDSEVER',
  state: 'QFWDSTATE',
  close: 'QFWDCLOSE',
  serverArguments: 'manual',
  read: 'QFWDRECV',
};

/** Chapter 4 of the manual. */
export const EXAMPLE: Dialect = { ...MANUAL, serverArguments: 'example', read: 'QFWDACK' };
