/** Signal quality of the serving cell, from the responses of AT+QCSQ and AT+CSQ. */
import { parseParameters } from '../../at';

/** In dBm and dB; what the module does not report is missing. */
export interface Signal {
  readonly rssi?: number;
  /** LTE: reference signal received power. */
  readonly rsrp?: number;
  /** LTE: reference signal received quality. */
  readonly rsrq?: number;
  /** LTE: signal to interference and noise ratio. */
  readonly sinr?: number;
}

/** AT+QCSQ: `+QCSQ: "LTE",<rssi>,<rsrp>,<sinr>,<rsrq>`; in other networks only the first figure is an RSSI. */
export function signalOf(line: string): Signal {
  const [mode = '', rssi, rsrp, sinr, rsrq] = parseParameters(line);
  const isLte = /LTE|CAT|NB|eMTC/i.test(mode);
  return defined({
    rssi: level(rssi),
    ...(isLte && { rsrp: level(rsrp), rsrq: level(rsrq), sinr: ratio(sinr) }),
  });
}

/** AT+CSQ, 3GPP TS 27.007 8.5: 0 to 31 are -113 dBm to -51 dBm, 100 to 191 are -116 dBm to -25 dBm. */
export function rssiOf(line: string): number | undefined {
  const index = number(parseParameters(line)[0]);
  if (index === undefined) return undefined;
  if (index >= 0 && index <= 31) return 2 * index - 113;
  return index >= 100 && index <= 191 ? index - 216 : undefined;
}

/** A level is below 0 dB; 0 stands for an unknown one. */
function level(text: string | undefined): number | undefined {
  const value = number(text);
  return value !== undefined && value < 0 ? value : undefined;
}

/** In steps of 0.2 dB: 0 to 250 are -20 dB to 30 dB (BG96 AT Commands Manual 2.2, 6.18). A negative number is in dB already. */
function ratio(text: string | undefined): number | undefined {
  const value = number(text);
  if (value === undefined || value > 250) return undefined;
  return value < 0 ? value : (value - 100) / 5;
}

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

function defined<T extends object>(figures: T): { [Name in keyof T]?: NonNullable<T[Name]> } {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: NonNullable<T[Name]>;
  };
}
