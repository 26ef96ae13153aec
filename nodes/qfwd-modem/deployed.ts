/** The deployed modem nodes, for the HTTP endpoints of the editor. */
import type { Modem } from '../../src/modem';

export interface DeployedModem {
  readonly id: string;
  readonly name: string;
  /** Missing if the configuration is invalid, and while no node uses it. */
  readonly modem?: Modem;
  /** Why the configuration is invalid. */
  readonly problem?: string;
  /** Such as `/dev/ttyUSB2`. */
  readonly portName: string;
  /** The ttys that it uses. */
  readonly paths: readonly string[];
}

/** By node id. */
export type DeployedModems = ReadonlyMap<string, DeployedModem>;
