import type { Token } from './scanner';

/** Told of what goes over the line, as it goes. Payload passes here too, so it must be quick; it must not throw. */
export interface LineMonitor {
  /** A command line was written. It may hold a PIN: see {@link masked}. @param isSecret see {@link Command.isSecret} */
  command(text: string, isSecret?: boolean): void;
  /** So many bytes of payload were written. */
  body(bytes: number): void;
  /** What ends whatever may be open on the line was written. */
  wakeUp(bytes: Buffer): void;
  /** Bytes came in. The chunk is not to be kept: see {@link Scanner.feed}. */
  received(chunk: Buffer): void;
  /** @param isSecret it may be an answer that nobody may see */
  heard(token: Token, isSecret?: boolean): void;
  /** A command was not answered in time. @param text may be shown */
  timedOut(text: string): void;
}
