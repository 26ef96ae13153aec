import type { PortName } from '../options';
import type { Body, BodyRules } from './data-phase';

/** What a host can set for one AT port. */
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

/** A command's view of the AT port that runs it. */
export interface Exchange {
  readonly port: PortName;
  readonly settings: PortSettings;
  /** Adds an information response to the answer. */
  info(text: string): void;
  /** Adds a header line and the raw bytes it announces. */
  block(header: string, data: Buffer): void;
  /** Prompts and takes the data phase. */
  body(rules: BodyRules): Promise<Body>;
  /** Runs `action` once the final result is out. */
  after(action: () => void): void;
}
