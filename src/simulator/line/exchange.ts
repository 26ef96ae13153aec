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
  block(header: string, data: Buffer): void;
  /** Sends a prompt and receives the data phase. */
  body(rules: BodyRules): Promise<Body>;
  /** Runs `action` after the final result code was sent. */
  after(action: () => void): void;
}
