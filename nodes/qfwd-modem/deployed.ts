/** The modem nodes that are deployed, as those who look at them from outside see them. */
import type { Modem } from '../../src/modem';
import type { Redaction } from './redaction';

export interface DeployedModem {
  readonly id: string;
  readonly name: string;
  /** Missing when the configuration is not valid, and while no node uses it. */
  readonly modem?: Modem;
  /** What is wrong with the configuration. */
  readonly problem?: string;
  /** Such as `/dev/ttyUSB2`. */
  readonly portName: string;
  /** The ttys that it uses. */
  readonly paths: readonly string[];
  /** For all that is said about it. */
  readonly hide: Redaction;
}

/** By node id. */
export type DeployedModems = ReadonlyMap<string, DeployedModem>;
