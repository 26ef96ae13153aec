import type { Token } from './scanner';

/** Receives the traffic of a line, payload included, so its methods must be fast. They must not throw. */
export interface LineMonitor {
  /** A command line was written. It may hold a PIN: see {@link masked}. @param isSecret see {@link Command.isSecret} */
  command(text: string, isSecret?: boolean): void;
  /** This many bytes of payload were written. */
  body(bytes: number): void;
  /** Bytes were written that end an unfinished command line or body. */
  wakeUp(bytes: Buffer): void;
  /** Bytes were received. The chunk must not be kept: see {@link Scanner.feed}. */
  received(chunk: Buffer): void;
  /** @param isSecret it may belong to a response that must not be shown */
  heard(token: Token, isSecret?: boolean): void;
  /** A command was not answered in time. @param text may be shown */
  timedOut(text: string): void;
}
