/**
 * The interface between the modem and a family of socket commands. A family implements it; `src/modem` depends on
 * nothing else of a family. As with `Transport`, only the config node knows the families. What must be one command is a
 * descriptor; what may take several commands is a function.
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

/** Runs one command in the queue lane of the caller. Rejects with an `AtError`. */
export type Execute = <T>(command: Command<T>) => Promise<T>;

/** A family, independent of a module. */
export interface SocketFamily {
  /** The name in the user's settings and in profiles. */
  readonly name: string;
  /** Commands without `AT+` that every module with this family supports. */
  readonly identifiedBy: readonly string[];
  /** Whether a line is always a URC. All families are asked: the channel is open before one is selected. */
  isUnsolicited(line: string): boolean;
  /** Never throws: lines of other families and malformed lines are `other`. */
  decodeUrc(line: string): SocketUrc;
  /**
   * Asks by test commands; `undefined` when the firmware lacks the family or is not ready yet. Rejects with an
   * `AtError`.
   * @param before the commands of the previous session, whose learned facts are kept
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
 * - `raw`: unchanged. Relies on the firmware to accept every byte as data.
 * - `hex`: as hexadecimal digits, so that no byte can act as a command.
 * - `auto`: raw where that is safe on any firmware, or was measured to be safe on this one; otherwise hex.
 */
export type PayloadMode = 'auto' | 'raw' | 'hex';

export interface FamilyOptions {
  /** Which of the manual's contradictions to follow; `auto` asks the module. */
  readonly dialect: 'auto' | 'manual' | 'example';
  readonly payloadMode: PayloadMode;
}

/** The commands of one module. Created for each session; learns from responses and encapsulates the dialect. */
export interface SocketCommands {
  readonly family: string;
  /** The dialect as text, for log and diagnosis. */
  readonly description: string;
  /** The dialect as a profile stores it. */
  readonly dialect: Profile['dialect'];
  readonly limits: Limits;
  /**
   * The response to a read of an empty buffer: length 0, ERROR or none; `undefined` while unknown. Only the modem can
   * tell ERROR for an empty buffer from ERROR for a missing socket, so the modem sets `error` here.
   */
  emptyRead: 'zero' | 'error' | 'silent' | undefined;

  /**
   * OK means that opening has begun, the open URC reports the result; either may come first.
   * @throws {InvalidParameter} when a host could end the command line
   */
  openServer(server: OpenServer): Command<void>;
  openClient(client: OpenClient): Command<void>;
  /** The connections of a server stay open. */
  close(socketId: number): Command<void>;
  /** The next piece of `rest`, encoded so that no byte of it can act as a command. */
  send(socketId: number, rest: Buffer): Sending;
  /** A whole datagram; `undefined` when it exceeds one command. */
  sendDatagram(socketId: number, datagram: Buffer): Sending | undefined;
  /** Removes at most `length` bytes from the module. Never repeated. */
  receive(socketId: number, length: number): Command<Received>;
  /** An alternative to a rejected command, if there is one; the form that works is kept. */
  otherwise<T>(refused: Command<T>): Command<T> | undefined;

  /** All open sockets of the module. */
  list(execute: Execute): Promise<SocketList>;
  /** Parts of the list, with as few commands as possible. ERROR rejects. */
  listServers(execute: Execute): Promise<readonly ListedServer[]>;
  listSockets(execute: Execute): Promise<readonly ListedSocket[]>;
  listAccepted(execute: Execute, serverId: number): Promise<readonly AcceptedSocket[]>;
  queues(execute: Execute, socketId: number): Promise<QueueFigures>;

  readonly urcPort: {
    get(socketId: number): Command<UrcPort>;
    set(socketId: number, port: UrcPort): Command<void>;
  };

  /** Uses the facts measured for this firmware from now on. */
  use(profile: Profile): void;
  /** The measurements of this family, made on a loopback connection. */
  calibration(): Calibration;
}

/** In what families differ. */
export interface Limits {
  /** Both inclusive. */
  readonly socketIds: readonly [first: number, last: number];
  /** Ids that only this driver chooses, to recognize its own sockets; missing where there are too few ids. */
  readonly ownIds?: readonly [first: number, last: number];
  /** Maximum bytes of one read: a read of this length may not be the last. */
  readonly receiveLength: number;
  /** Maximum bytes of a datagram in one command. */
  readonly datagramLength: number;
}

export interface Sending {
  /** Returns how many bytes of the payload the module accepted; 0 when its buffer is full. */
  readonly command: Command<number>;
  /** Bytes of payload in the command. */
  readonly bytes: number;
}

export interface Received {
  readonly data: Buffer;
  /** The response was a result code only: either there was no data, or the rest of the response was lost. */
  readonly isSilent?: true;
  /** Sender of a datagram, where the module reports it. Tells an empty datagram from an empty buffer. */
  readonly from?: Peer;
}
