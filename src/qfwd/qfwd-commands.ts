import type { Answer, Command } from '../at';
import type {
  Calibration,
  Execute,
  FamilyOptions,
  OpenClient,
  OpenServer,
  Profile,
  QueueFigures,
  Received,
  Sending,
  SocketCommands,
  SocketList,
} from '../sockets';
import { qfwdCalibration } from './calibration/questions';
import { closeSocket, idOf, openClient, openServer, type Piece, receive, send, setUrcPort } from './commands';
import { describeDialect, type Dialect } from './dialect';
import type { Facts } from './facts';
import { bytesTaken, type HexUnit, oneByteProbe, unitAfter } from './hex-unit';
import { LIMITS } from './limits';
import { Lists } from './lists';
import { datagramPiece, nextPiece } from './payload';
import { listClients, listConnections, listServers, queueFigures, urcPortOf } from './queries';

export class QfwdCommands implements SocketCommands {
  readonly family = 'qfwd';
  readonly limits = LIMITS;
  readonly urcPort = { get: urcPortOf, set: setUrcPort };
  emptyRead: SocketCommands['emptyRead'];
  private facts: Facts = {};
  /** As learned from responses. */
  private hexUnit: HexUnit | undefined;
  /** Whether a read by the dialect's command returned data or a length of 0. */
  private isReadProved = false;
  /** Whether the header of a read says which socket it is about. */
  private areReadsNamed = false;
  /** Whether a server was opened with the arguments of the dialect. */
  private isServerLayoutProved = false;
  /** The alternative form of a command that may be rejected. */
  private readonly alternatives = new WeakMap<Command, Command>();
  private readonly lists = new Lists();

  constructor(
    private spoken: Dialect,
    private readonly options: FamilyOptions,
    before?: QfwdCommands,
  ) {
    // Otherwise the first payload of each session would be sent in two parts.
    this.hexUnit = before?.hexUnit;
  }

  get dialect(): Dialect {
    return this.spoken;
  }

  get listedBy(): readonly string[] {
    return [`${this.dialect.server}?`, 'QFWDCLIENT?'];
  }

  get description(): string {
    return describeDialect(this.spoken);
  }

  /** The test command may describe arguments that the write command rejects. */
  openServer(server: OpenServer): Command<void> {
    const inLayout = (serverArguments: Dialect['serverArguments']): Command<void> =>
      learning(openServer({ ...this.spoken, serverArguments }, server), () => {
        this.isServerLayoutProved = true;
        this.spoken = { ...this.spoken, serverArguments };
      });
    const { serverArguments } = this.spoken;
    if (this.isServerLayoutProved) return openServer(this.spoken, server);
    return this.offering(
      inLayout(serverArguments),
      inLayout(serverArguments === 'manual' ? 'example' : 'manual'),
    );
  }

  openClient(client: OpenClient): Command<void> {
    return openClient(client);
  }

  close(socketId: number): Command<void> {
    return closeSocket(this.spoken, socketId);
  }

  send(socketId: number, rest: Buffer): Sending {
    const piece = nextPiece(rest, this.options.payloadMode, this.facts);
    return this.sending(socketId, oneByteProbe(piece, this.knownHexUnit));
  }

  sendDatagram(socketId: number, datagram: Buffer): Sending | undefined {
    const piece = datagramPiece(datagram, this.options.payloadMode, this.facts);
    return piece && this.sending(socketId, piece);
  }

  /** Firmware that lists QFWDRECV but reads by QFWDACK, as in chapter 4, is recognized by its first responses. */
  receive(socketId: number, length: number): Command<Received> {
    const command = receive(this.spoken, socketId, length);
    if (this.isReadProved) return { ...command, joins: this.areReadsNamed ? 'socket' : `read ${socketId}` };
    const proved = ({ lines: [header = ''] }: Answer): void => {
      this.isReadProved = true;
      this.areReadsNamed = idOf(header) !== undefined;
    };
    if (this.spoken.read === 'QFWDACK') return learning(command, proved);
    const byAck = receive({ ...this.spoken, read: 'QFWDACK' }, socketId, length);
    return this.offering(learning(command, proved), {
      ...byAck,
      decode: (answer) => {
        if (answer.lines.length === 0) throw new RangeError('nothing was said of what was read');
        this.isReadProved = true;
        // Throws on figures instead of data: this firmware reads by QFWDRECV, and the buffer was empty.
        const received = byAck.decode(answer);
        proved(answer);
        this.spoken = { ...this.spoken, read: 'QFWDACK' };
        return received;
      },
    });
  }

  otherwise<T>(refused: Command<T>): Command<T> | undefined {
    return this.alternatives.get(refused) as Command<T> | undefined;
  }

  list(execute: Execute): Promise<SocketList> {
    return this.lists.all(execute, this.spoken);
  }

  listServers(execute: Execute) {
    return execute(listServers(this.spoken));
  }

  listSockets(execute: Execute) {
    return execute(listClients());
  }

  listAccepted(execute: Execute, serverId: number) {
    return execute(listConnections(this.spoken, serverId));
  }

  queues(execute: Execute, socketId: number): Promise<QueueFigures> {
    return execute(queueFigures(socketId));
  }

  async unread(execute: Execute, socketId: number): Promise<number> {
    return (await this.queues(execute, socketId)).recvUsed;
  }

  use({ dialect, facts, lacks, obstacle }: Profile): void {
    this.facts = facts;
    if (obstacle !== undefined) return;
    if (this.options.dialect === 'auto') this.spoken = dialect as Dialect;
    this.isServerLayoutProved = true;
    // A read that would get no response is avoided by asking for the figures first, where supported.
    const isKnown = facts.emptyRead !== 'silent' || !lacks.includes('QFWDACK');
    if (isKnown && facts.emptyRead) this.emptyRead = facts.emptyRead;
  }

  calibration(): Calibration {
    return qfwdCalibration(this.spoken);
  }

  private get knownHexUnit(): HexUnit | undefined {
    return this.facts.hexTaken ?? this.hexUnit;
  }

  private sending(socketId: number, piece: Piece): Sending {
    const command = send(socketId, piece);
    const decode = (answer: Answer): number => {
      const taken = command.decode(answer);
      this.hexUnit = unitAfter(piece, taken, this.knownHexUnit);
      return bytesTaken(piece, taken, this.hexUnit);
    };
    return { command: { ...command, decode }, bytes: piece.bytes.length };
  }

  private offering<T>(command: Command<T>, alternative: Command<T>): Command<T> {
    this.alternatives.set(command, alternative);
    return command;
  }
}

/** The same command, whose response proves a fact. A bare OK to a read proves nothing. */
function learning<T>(command: Command<T>, onProof: (answer: Answer) => void): Command<T> {
  return {
    ...command,
    decode: (answer) => {
      const value = command.decode(answer);
      if (!command.block || answer.lines.length > 0) onProof(answer);
      return value;
    },
  };
}
