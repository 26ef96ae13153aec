/** How a family's open questions are asked: over a connection of the module with itself, which the modem provides. */
import type { Command } from '../at';
import type { Found } from './profile';

/** What a family asks with, and where it notes what it finds. */
export interface Bench {
  /** Takes turns with everybody else's commands. Rejects with an `AtError`. */
  execute<T>(command: Command<T>): Promise<T>;
  /** The same, with the time from writing to the final result, in ms; missing when an answer was lost meanwhile. */
  timed<T>(command: Command<T>): Promise<Timed<T>>;
  /** Reads what arrives, until it is so many bytes or nothing more comes. */
  receive(socketId: number, length: number): Promise<Buffer>;
  /** All that comes from the module while the work is done, bytes as characters. */
  capture(work: () => Promise<unknown>): Promise<string>;
  readonly found: Found;
}

export interface Timed<T> {
  readonly value: T;
  readonly ms?: number;
}

/** Both ends of a connection of the module with itself. */
export interface LoopbackPair {
  /** Sends … */
  readonly near: number;
  /** … and receives. */
  readonly far: number;
}

/** One question. Rejects with an `AtError` when the module does not say. */
export type Question = (bench: Bench, pair: LoopbackPair) => Promise<void>;

/** The questions of a family. */
export interface Calibration {
  /** Commands without `AT+`, all that the family uses. Their test commands do nothing, so they also tell the round trip. */
  readonly commands: readonly string[];
  /** How their answers begin: `+` and the letters that all of them share. */
  readonly prefix: string;
  /**
   * Whether a byte gets through at all, and what is said around it.
   * @param attempt counts from 0; each may try another way
   */
  flow(bench: Bench, pair: LoopbackPair, attempt: number): Promise<boolean>;
  /** A datagram of one byte. */
  datagram(socketId: number): Command;
  /** In this order, as the later ones use what the earlier ones have found; each when nothing waits in the connection. */
  readonly questions: readonly Question[];
}
