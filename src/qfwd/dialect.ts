/** Spellings that differ between firmwares, the most likely first. */
export const SPELLINGS = {
  server: ['QFWDSEVER', 'QFWDSERVER'],
  state: ['QFWDSTATE', 'QFWDSSSTATE'],
  close: ['QFWDCLOSE', 'QFWDSCLOSE'],
  /** `example`: six server arguments, as in chapter 4. */
  serverArguments: ['manual', 'example'],
  /** Chapter 4 reads by AT+QFWDACK with a length. */
  read: ['QFWDRECV', 'QFWDACK'],
} as const;

/**
 * The manual contradicts itself (headings, contents and examples disagree), and no firmware is known to follow all of
 * it, so the module is asked for each of these.
 */
export type Dialect = { readonly [Name in keyof typeof SPELLINGS]: (typeof SPELLINGS)[Name][number] };

/** For users: the spellings, and the layout of the server's arguments. */
export function describeDialect({ server, state, close, read, serverArguments }: Dialect): string {
  return `${server}, ${state}, ${close}, ${read} · ${serverArguments}`;
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
