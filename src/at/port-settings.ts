import { type Change, setting } from './change';

/**
 * Settings that are separate for each AT port, applied after synchronization: no echo; errors as numbers (3GPP TS 27.007
 * 9.1); headers of short messages with the length of the text (3GPP TS 27.005 3.3.3), without which URCs after such a text
 * are lost. One command each, because not every module supports all of them.
 */
export const PORT_SETTINGS = ['ATE0', 'AT+CMEE=1', 'AT+CSDH=1'] as const;

/** The same, without echo, which no query shows. */
export const PORT_CHANGES: readonly Change[] = [setting('AT+CMEE?'), setting('AT+CSDH?')];
