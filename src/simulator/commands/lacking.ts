import type { SimulatorOptions } from '../options';

/** The commands of the option `lacks`, such as `+QFWDCFG`, and the keys of AT+QICFG, such as `+QICFG/RECVIND`. */
export const lacking = ({ lacks }: SimulatorOptions): ReadonlySet<string> =>
  new Set(lacks.split(',').map((name) => `+${name.trim().toUpperCase()}`));
