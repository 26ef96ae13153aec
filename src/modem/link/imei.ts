import type { Command } from '../../at';

/** 3GPP TS 27.007 5.4 */
export const IMEI: Command<string | undefined> = {
  text: 'AT+CGSN',
  isRepeatable: true,
  decode: ({ lines }) => /\d{15}/.exec(lines.join())?.[0],
};
