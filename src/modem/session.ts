import { AtError, type Clock, type Command, type Turn } from '../at';
import {
  closeSocket,
  type Dialect,
  listClients,
  listServers,
  queueFigures,
  receive,
  type Urc,
  type UrcPort,
} from '../qfwd';
import { isRejection } from './errors';
import type { Lines } from './lines';

interface OpenReport {
  readonly result: Promise<number>;
  resolve(result: number): void;
  reject(reason: Error): void;
}

/** One life of the link: from a module that answers and is set up to one that restarts, or a link that is gone. */
export class Session {
  private readonly opening = new Map<number, OpenReport>();
  private readProven = false;
  /** Whether the module has sent any URC of its sockets: if not, they may go to another port. */
  hasHeardUrcs = false;
  /** Whether the module answers ERROR to a read when there is nothing to read. */
  isEmptyReadError = false;
  /** Whether it does not answer such a read at all. */
  isEmptyReadSilent = false;
  /** Whether a server was opened with the arguments of the dialect. */
  isServerLayoutKnown = false;
  /** What each list has shown so far: that it may be empty without being ERROR, or only rows. */
  readonly lists = new Map<string, 'may be empty' | 'had rows'>();
  private hasWarned = false;

  constructor(
    readonly lines: Lines,
    /** What is known of the firmware. Using it may teach more. */
    public dialect: Dialect,
    readonly clock: Clock,
    /** Called once when something happened that the module should have reported, and it never reported anything. */
    private readonly onSilence: () => void,
    /** Where what wants to report to a port is to be told to do so now. */
    readonly destination: (wanted: UrcPort) => UrcPort,
  ) {}

  /** Rejects with an `AtError`. */
  execute<T>(command: Command<T>, turn?: Turn<NoInfer<T>>): Promise<T> {
    return this.lines.execute(command, turn);
  }

  /** Takes back what waits with this turn. */
  withdraw(turn: Turn): void {
    this.lines.withdraw(turn);
  }

  /** Executes what opens a socket. */
  open(socketId: number, command: Command<void>): Promise<void> {
    return this.lines.change(socketId, command);
  }

  close(socketId: number, turn?: Turn<void>): Promise<void> {
    return this.lines.change(socketId, closeSocket(this.dialect, socketId), turn);
  }

  /**
   * Reads up to `length` bytes. Firmware that knows QFWDRECV by name but reads by QFWDACK, as chapter 4 does, is
   * recognised by its first answers.
   */
  async receive(socketId: number, length: number, turn: Turn<Buffer>): Promise<Buffer> {
    if (this.isEmptyReadSilent && !(await this.isReadable(socketId, turn))) return Buffer.alloc(0);
    try {
      const data = await this.execute(receive(this.dialect, socketId, length), turn);
      this.readProven = true;
      return data;
    } catch (error) {
      if (this.readProven || !isRejection(error) || this.dialect.read === 'QFWDACK') throw error;
      const other: Dialect = { ...this.dialect, read: 'QFWDACK' };
      try {
        const data = await this.execute(receive(other, socketId, length), turn);
        this.dialect = { ...this.dialect, read: 'QFWDACK' };
        return data;
      } catch (otherError) {
        // Figures instead of data: this firmware reads by QFWDRECV, and had nothing to read.
        if (otherError instanceof AtError && otherError.failure === 'malformed') this.readProven = true;
        else if (!isRejection(otherError)) throw otherError;
        throw error;
      }
    }
  }

  private async isReadable(socketId: number, turn: Turn<Buffer>): Promise<boolean> {
    const { recvUsed } = await this.execute(queueFigures(socketId), { ...turn, onAnswer: () => undefined });
    return recvUsed > 0;
  }

  async hasServer(socketId: number): Promise<boolean> {
    return (await this.execute(listServers(this.dialect))).some((server) => server.socketId === socketId);
  }

  async hasClient(socketId: number): Promise<boolean> {
    return (await this.execute(listClients())).some((client) => client.socketId === socketId);
  }

  /** The `result` of the next open URC of a socket; rejects when the session ends before. */
  awaitOpen(socketId: number): Promise<number> {
    let resolve: (result: number) => void = () => undefined;
    let reject: (reason: Error) => void = () => undefined;
    const result = new Promise<number>((...settle) => ([resolve, reject] = settle));
    this.opening.set(socketId, { result, resolve, reject });
    // Whoever asked may have given up by then.
    result.catch(() => undefined);
    return result;
  }

  /** The report is not waited for any more. */
  forgetOpen(socketId: number, result: Promise<number>): void {
    if (this.opening.get(socketId)?.result === result) this.opening.delete(socketId);
  }

  /** This socket is not to be opened any more: whoever waits for its open URC is told so. */
  abandonOpen(socketId: number, reason: Error): void {
    this.opening.get(socketId)?.reject(reason);
    this.opening.delete(socketId);
  }

  /** Something happened that no URC told of. */
  noteSilence(): void {
    if (this.hasHeardUrcs || this.hasWarned) return;
    this.hasWarned = true;
    this.onSilence();
  }

  hear(urc: Urc): void {
    if (urc.event !== 'other') this.hasHeardUrcs = true;
    if (urc.event === 'server/open' || urc.event === 'client/open')
      this.opening.get(urc.socketId)?.resolve(urc.result);
  }

  end(reason: Error): void {
    this.lines.close(reason);
    for (const socketId of this.opening.keys()) this.abandonOpen(socketId, reason);
  }
}
