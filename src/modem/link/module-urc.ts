/** Unsolicited result codes of the module itself, whatever its commands for sockets. */

/** The module has (re)started: every socket is gone and its settings are back to default. */
export function isStart(line: string): boolean {
  return line === 'RDY';
}

/** The module is going off. */
export function isPowerDown(line: string): boolean {
  return line === 'POWERED DOWN' || line === 'NORMAL POWER DOWN';
}

/** Text that others have sent follows, or is part of the line (3GPP TS 27.005 3.4.1; `^HCMT` of several makers). */
export function isTextMessage(line: string): boolean {
  return /^(\+(CMT|CBM|CDS|CMGR|CMGL)|\^HCMT):/.test(line);
}

/** Whether a line never belongs to an answer. */
export function isModuleUrc(line: string): boolean {
  return isStart(line) || isPowerDown(line) || /^\+(QIND|QUSIM):/.test(line);
}
