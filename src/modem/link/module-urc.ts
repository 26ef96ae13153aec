/** URCs of the module itself, independent of its socket commands. */

/** The module has (re)started: all sockets are closed and its settings are back to default. */
export function isStart(line: string): boolean {
  return line === 'RDY';
}

/** The module is powering down. */
export function isPowerDown(line: string): boolean {
  return line === 'POWERED DOWN' || line === 'NORMAL POWER DOWN';
}

/** Messages (3GPP TS 27.005 3.4.1); `^HCMT`: several vendors. */
const MESSAGE = /^(\+(CMT|CBM|CDS|Q?CMGR|CMGL)|\^HCMT):/;
/** USSD, callers, phone books and names of operators (3GPP TS 27.007; `+QSPN`, `+QNWINFO`: Quectel). */
const STRING = /^\+(CUSD|CLIP|CCWA|CNAP|COLP|CLCC|CNUM|CPBR|CPBF|COPS|COPN|QSPN|QNWINFO):/;

/** The line precedes text that others wrote, or contains a string of them, in which a quote may look like its end. */
export function holdsText(line: string): boolean {
  return MESSAGE.test(line) || STRING.test(line);
}

/** Whether a line is never part of a response. */
export function isModuleUrc(line: string): boolean {
  return isStart(line) || isPowerDown(line) || /^\+(QIND|QUSIM):/.test(line);
}
