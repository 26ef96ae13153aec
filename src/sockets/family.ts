/**
 * What the modem needs of a family of socket commands, whatever it is called on the line. A family implements it;
 * `src/modem` sees nothing else of one. As with `Transport`, only the config node knows which families there are. What
 * has to be one exchange is a descriptor; what may take several is a function.
 */
import type { Command } from '../at';
import type { Calibration } from './calibration';
import type { Profile } from './profile';
import type {
  AcceptedSocket,
  ListedServer,
  ListedSocket,
  OpenClient,
  OpenServer,
  Peer,
  QueueFigures,
  SocketList,
  SocketUrc,
  UrcPort,
} from './vocabulary';

/** Runs one command in the turn of whoever asks. Rejects with an `AtError`. */
export type Execute = <T>(command: Command<T>) => Promise<T>;

/** A family, before a module was asked. */
export interface SocketFamily {
  /** As the user chooses it, and as a profile keeps it. */
  readonly name: string;
  /** Commands without `AT+`, each of which is known to a module that has this family. */
  readonly identifiedBy: readonly string[];
  /** Whether a line never belongs to an answer. Every family is asked: the channel is open before one is chosen. */
  isUnsolicited(line: string): boolean;
  /** Never throws: what is not of this family, or cannot be decoded, is `other`. */
  decodeUrc(line: string): SocketUrc;
  /**
   * Asks by test commands; `undefined` when the firmware lacks the family, or lacks it still. Rejects with an `AtError`.
   * @param before those of the session before, which may have learned what is worth keeping
   */
  detect(
    execute: Execute,
    options: FamilyOptions,
    before?: SocketCommands,
  ): Promise<SocketCommands | undefined>;
}

/**
 * How payload is sent:
 *
 * - `raw`: as it is. Trusts the firmware to take every byte as data.
 * - `hex`: as hexadecimal digits, so that nothing in it can act as a command.
 * - `auto`: raw where that is safe on any firmware, or was measured to be safe on this one; else hex.
 */
export type PayloadMode = 'auto' | 'raw' | 'hex';

export interface FamilyOptions {
  /** Which of the manual's contradictions to follow; `auto` asks the module. */
  readonly dialect: 'auto' | 'manual' | 'example';
  readonly payloadMode: PayloadMode;
}

/** The commands of one module. Made for each session; learns from answers, and nobody else knows its dialect. */
export interface SocketCommands {
  readonly family: string;
  /** The dialect in words, for log and diagnosis. */
  readonly description: string;
  /** The same as a profile keeps it. */
  readonly dialect: Profile['dialect'];
  readonly limits: Limits;
  /**
   * What a read is answered that finds nothing: a length of 0, ERROR, or not at all; `undefined` while it is not known. Only
   * the modem can tell ERROR for an empty buffer from ERROR for a socket that is gone, so it notes `error` here.
   */
  emptyRead: 'zero' | 'error' | 'silent' | undefined;

  /**
   * OK says that the module has begun, the open URC how it ended; either may come first.
   * @throws {InvalidParameter} when a host could end the command line
   */
  openServer(server: OpenServer): Command<void>;
  openClient(client: OpenClient): Command<void>;
  /** A server's connections stay open. */
  close(socketId: number): Command<void>;
  /** The next piece of `rest`, sent such that no byte of it can act as a command. */
  send(socketId: number, rest: Buffer): Sending;
  /** The whole of a datagram; `undefined` when it is longer than one command carries. */
  sendDatagram(socketId: number, datagram: Buffer): Sending | undefined;
  /** Takes at most `length` bytes out of the module. Never repeated. */
  receive(socketId: number, length: number): Command<Received>;
  /** Another way to say what the module refused, if it may take that; the way that works is kept. */
  otherwise<T>(refused: Command<T>): Command<T> | undefined;

  /** All that the module has open. */
  list(execute: Execute): Promise<SocketList>;
  /** Parts of that, with as few commands as possible. ERROR rejects. */
  listServers(execute: Execute): Promise<readonly ListedServer[]>;
  listSockets(execute: Execute): Promise<readonly ListedSocket[]>;
  listAccepted(execute: Execute, serverId: number): Promise<readonly AcceptedSocket[]>;
  queues(execute: Execute, socketId: number): Promise<QueueFigures>;

  readonly urcPort: {
    get(socketId: number): Command<UrcPort>;
    set(socketId: number, port: UrcPort): Command<void>;
  };

  /** What this firmware was measured to do is used from now on. */
  use(profile: Profile): void;
  /** The questions of this family, to be asked on a loopback connection. */
  calibration(): Calibration;
}

/** In what families differ. */
export interface Limits {
  /** Both included. */
  readonly socketIds: readonly [first: number, last: number];
  /** Ids that only this driver chooses, by which it knows its own again; missing where there are too few ids. */
  readonly ownIds?: readonly [first: number, last: number];
  /** Bytes of the longest read: one of this length may not be the last. */
  readonly receiveLength: number;
  /** Bytes of the longest datagram that one command carries. */
  readonly datagramLength: number;
}

export interface Sending {
  /** Gives how many bytes of the payload the module took; 0 when its buffer is full. */
  readonly command: Command<number>;
  /** How many it is given. */
  readonly bytes: number;
}

export interface Received {
  readonly data: Buffer;
  /** Sender of a datagram, where the module says it. */
  readonly from?: Peer;
}
