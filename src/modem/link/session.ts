import type { Clock, CmeError, Command, Turn } from '../../at';
import type {
  AcceptedSocket,
  Execute,
  Limits,
  ListedServer,
  ListedSocket,
  OpenSocket,
  QueueFigures,
  SocketCommands,
  SocketList,
  SocketUrc,
} from '../../sockets';
import { orOtherwise } from './alternative-form';
import type { Lines } from './lines';
import { Openings } from './openings';
import { Reads } from './reads';

/** Scheduling options of a query. */
type QuestionTurn = Pick<Turn, 'lane' | 'isWanted'>;

/** All open sockets of the module, and the limits of the socket commands in use. */
export interface Survey extends SocketList {
  readonly limits: Limits;
}

export interface SessionObserver {
  /** Called once if an event had no URC and no socket URC was ever received in this session. */
  onSilence(): void;
  /** A PDP context is being activated, for longer than usual; or that has ended. */
  onActivating(isActivating: boolean): void;
}

/** In ms. */
const NOTICEABLE = 1000;

/**
 * A session with the module: from the end of the setup until the module restarts or the link is lost. Methods that
 * execute commands reject with an `AtError`.
 */
export class Session {
  readonly openings = new Openings();
  readonly reads: Reads;
  /** Whether any socket URC was received; if not, the module may send URCs to another port. */
  hasHeardUrcs = false;
  private hasWarned = false;
  private readonly ask: Execute = (command) => this.lines.execute(command);

  constructor(
    readonly lines: Lines,
    readonly commands: SocketCommands,
    readonly clock: Clock,
    private readonly observer: SessionObserver,
  ) {
    this.reads = new Reads(lines, commands);
  }

  /**
   * See {@link SocketCommands.prepare}.
   * @throws {InvalidParameter}
   */
  async prepare(socket: OpenSocket): Promise<number> {
    let isTold = false as boolean;
    const cancel = this.clock.after(NOTICEABLE, () => {
      isTold = true;
      this.observer.onActivating(true);
    });
    try {
      return (await this.commands.prepare?.(this.ask, socket, this.clock.now())) ?? 0;
    } finally {
      cancel();
      if (isTold) this.observer.onActivating(false);
    }
  }

  /** Why the command before, which opens a socket, was rejected; `undefined` when the module does not say so. */
  async whyRefused(socketId: number, cme?: CmeError): Promise<number | undefined> {
    return this.commands.whyRefused?.(this.ask, socketId, cme);
  }

  /** Executes a command that opens a socket. */
  open(socketId: number, command: Command<void>): Promise<void> {
    return orOtherwise(this.commands, command, (it) => this.lines.change(socketId, it));
  }

  close(socketId: number, turn?: Turn<void>): Promise<void> {
    return this.lines.change(socketId, this.commands.close(socketId), turn);
  }

  async queues(socketId: number, turn?: Turn): Promise<QueueFigures> {
    const figures = await this.commands.queues((command) => this.lines.execute(command, turn), socketId);
    this.reads.noteFigures();
    return figures;
  }

  async list(turn?: QuestionTurn): Promise<Survey> {
    const { limits } = this.commands;
    return { ...(await this.commands.list(this.asking(turn))), limits };
  }

  servers(): Promise<readonly ListedServer[]> {
    return this.commands.listServers(this.ask);
  }

  sockets(turn?: QuestionTurn): Promise<readonly ListedSocket[]> {
    return this.commands.listSockets(this.asking(turn));
  }

  accepted(serverId: number, turn?: QuestionTurn): Promise<readonly AcceptedSocket[]> {
    return this.commands.listAccepted(this.asking(turn), serverId);
  }

  private asking(turn?: QuestionTurn): Execute {
    return turn ? (command) => this.lines.execute(command, turn) : this.ask;
  }

  async hasServer(socketId: number): Promise<boolean> {
    return (await this.servers()).some((server) => server.socketId === socketId);
  }

  async hasSocket(socketId: number): Promise<boolean> {
    return (await this.sockets()).some((socket) => socket.socketId === socketId && !socket.hasEnded);
  }

  /** An event was detected for which no URC was received. */
  noteSilence(): void {
    if (this.hasHeardUrcs || this.hasWarned) return;
    this.hasWarned = true;
    this.observer.onSilence();
  }

  /** @returns the URC with what is known about its socket */
  onUrc(heard: SocketUrc): SocketUrc {
    const urc = this.commands.onUrc?.(heard) ?? heard;
    if (urc.event !== 'other') this.hasHeardUrcs = true;
    if (urc.event === 'client/incoming' || urc.event === 'client/open') this.reads.forget(urc.socketId);
    if (urc.event === 'server/open' || urc.event === 'client/open')
      this.openings.noteResult(urc.socketId, urc.result);
    return urc;
  }

  end(reason: Error): void {
    this.lines.close(reason);
    this.openings.abandonAll(reason);
  }
}
