/**
 * The interface between the modem and a family of socket commands. A family implements it; `src/modem` depends on
 * nothing else of a family. As with `Transport`, only the config node knows the families. What must be one command is a
 * descriptor; what may take several commands is a function.
 */
import type { AtFailure, Change, CmeError, Command } from '../at';
import type { Calibration } from './calibration';
import type { Profile } from './profile';
import type {
  AcceptedSocket,
  ListedServer,
  ListedSocket,
  OpenClient,
  OpenServer,
  OpenSocket,
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
  /** Models of modules (AT+CGMM) that may have it. */
  readonly models: RegExp;
  /** What it changes in the module beside sockets. */
  readonly changes?: readonly Change[];
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

/** A PDP context as it is defined before it is activated. */
export interface ContextOptions {
  readonly apn: string;
  readonly user?: string;
  readonly password?: string;
  readonly auth?: 'none' | 'pap' | 'chap' | 'either';
  readonly type?: 'IP' | 'IPV6' | 'IPV4V6';
}

export interface FamilyOptions {
  /** Which of the manual's contradictions to follow; `auto` asks the module. */
  readonly dialect: 'auto' | 'manual' | 'example';
  readonly payloadMode: PayloadMode;
  /** For families that activate contexts themselves; when missing, a context is used as the module has it. */
  readonly context?: ContextOptions | undefined;
}

/** The commands of one module. Created for each session; learns from responses and encapsulates the dialect. */
export interface SocketCommands {
  readonly family: string;
  /** The dialect as text, for log and diagnosis. */
  readonly description: string;
  /** The queries that list sockets, without `AT+`: of servers and of others, or one of all. */
  readonly listedBy: readonly string[];
  /** The dialect as a profile stores it. */
  readonly dialect: Profile['dialect'];
  readonly limits: Limits;
  /**
   * The response to a read of an empty buffer: length 0, ERROR or none; `undefined` while unknown. Only the modem can
   * tell ERROR for an empty buffer from ERROR for a missing socket, so the modem sets `error` here.
   */
  emptyRead: 'zero' | 'error' | 'silent' | undefined;

  /** Matches commands that read data of sockets, which belongs to the receivers of the modem. */
  readonly reads?: RegExp;
  /** Whether a list with a connection that was just accepted would show how to read later lists. */
  readonly isListAwaited?: boolean;
  /** The URC, with what is known about the socket; learns from it. */
  onUrc?(urc: SocketUrc): SocketUrc;
  /**
   * What has to be done before a socket is opened; may take minutes. Rejects with an `AtError`.
   * @param now time of a clock, in ms
   * @returns 0, or why it failed: a `result` as in the open URC
   * @throws {InvalidParameter} when the settings cannot be sent
   */
  prepare?(execute: Execute, socket: OpenSocket, now: number): Promise<number>;
  /**
   * The reason for ERROR to the opening of a socket, the command before, as a `result` of the open URC; learns from it.
   * `undefined` when the module does not say so.
   * @param cme the value of `+CME ERROR`, if that was the response
   */
  whyRefused?(execute: Execute, socketId: number, cme?: CmeError): Promise<number | undefined>;
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
  /**
   * A whole datagram; `undefined` when it exceeds one command.
   * @param to the peer, for a UDP server that is one socket for all of them
   * @throws {InvalidParameter} when the peer is missing, or no command carries the datagram safely
   */
  sendDatagram(socketId: number, datagram: Buffer, to?: Peer): Sending | undefined;
  /**
   * How much of a piece of `bytes` the module has taken, if its answer was lost and the module tells: all, or nothing.
   * Missing where it never does. Rejects with an `AtError`.
   * @param failure why the outcome is unknown
   */
  taken?(execute: Execute, socketId: number, bytes: number, failure: AtFailure): Promise<number | undefined>;
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
  /** Unread bytes, of the same figures. */
  unread(execute: Execute, socketId: number): Promise<number>;

  readonly urcPort: {
    get(socketId: number): Command<UrcPort>;
    /** Missing where the port is the same for all sockets. */
    readonly set?: (socketId: number, port: UrcPort) => Command<void>;
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
  /**
   * Whether ids are so few that the module may give any of them to a connection, from the highest one downward. Then the
   * lowest free id is taken for a socket, and it is recognized by its ends alone.
   */
  readonly isScarce?: boolean;
  /** Whether a socket that has ended, or failed to open, keeps its id until it is closed. */
  readonly keepsIds?: boolean;
  /** Whether datagrams of a UDP server that is one socket for all peers name their senders. */
  readonly namesSenders?: boolean;
  /** Whether connections without data have to be closed by the driver. */
  readonly lacksIdleTimeout?: boolean;
  /** The PDP context that 0 means; missing where it may be any. */
  readonly defaultContext?: number;
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
  /** Empty when there is nothing, or for an empty datagram, which has a sender. */
  readonly data: Buffer;
  /** The response was a result code only: either there was no data, or the rest of the response was lost. */
  readonly isSilent?: true;
  /** Sender of a datagram, where the module reports it. Tells an empty datagram from an empty buffer. */
  readonly from?: Peer;
}
