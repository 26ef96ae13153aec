/** Measurements of a command family over a loopback connection of the module, which the modem provides. */
import type { Command } from '../at';
import type { Found } from './profile';

/** What a family measures with, and where it records the results. */
export interface Bench {
  /** Alternates with other commands. Rejects with an `AtError`. */
  execute<T>(command: Command<T>): Promise<T>;
  /** The same, with the time from writing to the final result, in ms; missing when an answer was lost meanwhile. */
  timed<T>(command: Command<T>): Promise<Timed<T>>;
  /** Reads until `length` bytes have arrived or nothing more comes. */
  receive(socketId: number, length: number): Promise<Buffer>;
  /** All characters received from the module during `work`, one per byte. */
  capture(work: () => Promise<unknown>): Promise<string>;
  readonly found: Found;
}

export interface Timed<T> {
  readonly value: T;
  readonly ms?: number;
}

/** Both ends of a connection of the module to itself. */
export interface LoopbackPair {
  /** Sends … */
  readonly near: number;
  /** … and receives. */
  readonly far: number;
}

/** One measurement. Rejects with an `AtError` when the module refuses or does not answer. */
export type Question = (bench: Bench, pair: LoopbackPair) => Promise<void>;

/** The measurements of a family. */
export interface Calibration {
  /**
   * All commands of the family, without `AT+`. Their test commands change nothing, so they also measure the round trip.
   */
  readonly commands: readonly string[];
  /** The common prefix of their responses: `+` and the letters that all of them share. */
  readonly prefix: string;
  /**
   * Whether a byte gets through at all, and the format of the responses around it.
   * @param attempt counts from 0; each may use another method
   */
  flow(bench: Bench, pair: LoopbackPair, attempt: number): Promise<boolean>;
  /** A query about a socket whose answer is one line; several of them may share a command line. */
  figures(socketId: number): Command;
  /** A datagram of one byte. */
  datagram(socketId: number): Command;
  /** In order, as later ones use the results of earlier ones; each starts with empty buffers. */
  readonly questions: readonly Question[];
}
