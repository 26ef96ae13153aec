/** URCs of the module itself, independent of its socket commands. */

/** The module has (re)started: all sockets are closed and its settings are back to default. */
export function isStart(line: string): boolean {
  return line === 'RDY';
}

/** The module is powering down. */
export function isPowerDown(line: string): boolean {
  return line === 'POWERED DOWN' || line === 'NORMAL POWER DOWN';
}

/**
 * The line contains or precedes text that others wrote: a message (3GPP TS 27.005 3.4.1; `^HCMT`: several vendors), or a
 * string of USSD, of a caller or of a phone book (3GPP TS 27.007), in which a quote may look like its end.
 */
export function holdsText(line: string): boolean {
  return /^(\+(CMT|CBM|CDS|Q?CMGR|CMGL|CUSD|CLIP|CCWA|CNAP|CPBR|CPBF)|\^HCMT):/.test(line);
}

/** Whether a line is never part of a response. */
export function isModuleUrc(line: string): boolean {
  return isStart(line) || isPowerDown(line) || /^\+(QIND|QUSIM):/.test(line);
}
