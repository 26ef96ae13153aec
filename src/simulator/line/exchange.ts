import type { PortName } from '../options';
import type { Body, BodyRules } from './data-phase';

/** Settings of one AT port. */
export interface PortSettings {
  /** ATE */
  echo: boolean;
  /** AT+CMEE: 0, 1 or 2 */
  cmee: number;
  /** ATV: OK and ERROR in words, else as numbers */
  verbose: boolean;
  /** ATQ: no result codes */
  quiet: boolean;
}

/** The AT port, as seen by the command that it executes. */
export interface Exchange {
  readonly port: PortName;
  readonly settings: PortSettings;
  /** Adds information text to the response. */
  info(text: string): void;
  /** Adds a header line followed by raw bytes. */
  block(header: string, data: Buffer, frame?: BlockFrame): void;
  /** Adds a URC to the response. */
  urc(text: string): void;
  /** Sends a prompt and receives the data phase. */
  body(rules: BodyRules): Promise<Body>;
  /** Ends the response with this final result code instead of OK; an empty one is not sent. */
  result(text: string): void;
  /** Adds a result code to the response that does not end it. */
  partResult(text: string): void;
  /** Sends the response so far, that of the first `executed` of so many commands on the line; resolves when the next one is due. */
  sendPart(executed: number, commands: number): Promise<void>;
  /** Keeps the port busy for `ms`, or until `done` if that is earlier. */
  wait(ms: number, done?: Promise<void>): Promise<void>;
  /**
   * After the final result code, the port is in online data state (V.250, 5.6): all input is data for `online`, until the escape
   * sequence or {@link DataState.end}.
   */
  connect(online: Online): DataState;
  /** Runs `action` after the final result code was sent. */
  after(action: () => void): void;
}

/** What stands between a header and its raw bytes, and after these; CR LF if missing. */
export interface BlockFrame {
  readonly before?: string;
  readonly after?: string;
}

/** What the host talks to in online data state. */
export interface Online {
  /** Data from the host. */
  take(data: Buffer): void;
  /** The host has sent the escape sequence, and goes on with commands. */
  escaped(): void;
}

/** The online data state of a port, as seen by what the host talks to. */
export interface DataState {
  /** Sends data to the host. */
  send(data: Buffer): void;
  /** Ends the state with this result code. */
  end(result: string): void;
}
