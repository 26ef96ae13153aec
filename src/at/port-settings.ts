/**
 * What every AT port has for itself, and is set to once both ends are in step, a command each, as not every module knows
 * all of them: no echo; errors by number (3GPP TS 27.007 9.1); headers of short messages that say how long the text is
 * (3GPP TS 27.005 3.3.3), as what follows such a text is lost otherwise.
 */
export const PORT_SETTINGS = ['ATE0', 'AT+CMEE=1', 'AT+CSDH=1'] as const;
