import type { Exchange } from '../line/exchange';
import type { PortName, SimulatorOptions } from '../options';
import type { SimSlot } from '../sim-slot';
import type { Sockets } from '../sockets/sockets';
import type { ModemState } from '../modem-state';
import type { TcpipStack } from '../tcpip/stack';
import type { Arguments } from './arguments';

/** What a command can access. */
export interface Machine {
  readonly options: SimulatorOptions;
  /** Of AT+QFWD…. */
  readonly sockets: Sockets;
  /** Of AT+QI…. */
  readonly tcpip: TcpipStack;
  readonly sim: SimSlot;
  readonly modem: ModemState;
  /** Sends a URC, on the port set by AT+QURCCFG if no other is given. */
  readonly urc: (text: string, port?: PortName) => void;
  reboot(): void;
  /** Gives the SIM power, and reports what it wants once it can be talked to. */
  startSim(): void;
}

type Outcome = void | Promise<void>;

/**
 * One command with its forms (V.250, 5.4): `AT+X=?` test, `AT+X?` read, `AT+X=…` write, `AT+X` execute. A missing form answers
 * with an error. Handlers add information text through the exchange, and throw an `AtError` to end with an error.
 */
export interface Command {
  /** Information text of the test command; if empty, the response is just OK. */
  readonly test?: string;
  read?(exchange: Exchange): Outcome;
  write?(exchange: Exchange, args: Arguments): Outcome;
  /** `suffix`: the digits of a basic command, such as `0` in ATE0. */
  execute?(exchange: Exchange, suffix: string): Outcome;
}

export type CommandTable = Readonly<Record<string, Command>>;
