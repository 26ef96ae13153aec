import { type Answer, asking, type AtFailure, type CmeError, type Command, InvalidParameter } from '../at';
import type {
  AcceptedSocket,
  Calibration,
  Execute,
  FamilyOptions,
  Limits,
  ListedServer,
  ListedSocket,
  OpenClient,
  OpenServer,
  OpenSocket,
  Peer,
  Profile,
  QueueFigures,
  Received,
  Sending,
  SocketCommands,
  SocketList,
  SocketUrc,
} from '../sockets';
import { tcpipCalibration } from './calibration/questions';
import {
  closeSocket,
  LAST_ID,
  openSocket,
  placeholder,
  receive,
  RECEIVE_LENGTH,
  SEND_LENGTH,
  sendHex,
  sendRaw,
  type SendResult,
  type ServiceType,
  STREAM_LENGTH,
} from './commands';
import { ACTIVE_CONTEXTS, contextIdOf, Contexts, DEFAULT_CONTEXT } from './contexts';
import { type Facts, FAMILY } from './facts';
import { acceptedBy, listOf } from './lists';
import {
  datagramPiece,
  isNoCommand,
  isRawSafe,
  looksLikeAnswer,
  nextPiece,
  type Payload,
  type Piece,
} from './payload';
import {
  isResult,
  LAST_RESULT,
  LIST_SOCKETS,
  receiveTotals,
  sendTotals,
  SERVICES,
  type SocketRow,
  urcPortOf,
} from './queries';
import { SentTotals } from './sent-totals';

const LIMITS: Limits = {
  socketIds: [0, LAST_ID],
  isScarce: true,
  keepsIds: true,
  namesSenders: true,
  lacksIdleTimeout: true,
  defaultContext: DEFAULT_CONTEXT,
  receiveLength: STREAM_LENGTH,
  datagramLength: SEND_LENGTH,
};

/** The AT+QI… commands of one module. */
export class TcpipCommands implements SocketCommands {
  readonly family = FAMILY;
  readonly description = 'TCP/IP (AT+QIOPEN)';
  readonly listedBy = ['QISTATE?'];
  readonly dialect = {};
  readonly limits = LIMITS;
  // With a length of 0, it asks for figures.
  readonly reads = /^AT\s*\+\s*QIRD\s*=(?!\s*(\?|\d+\s*,\s*0\s*$))/i;
  readonly urcPort = { get: urcPortOf };
  emptyRead: SocketCommands['emptyRead'] = 'zero';
  private facts: Facts = {};
  /** Whether the module sends payload back, as seen so far. */
  private echo: Payload['echo'];
  private losesPrompts = false;
  /** Whether accepted connections that have ended are listed in another state than live ones. */
  private areEndsListed: boolean;
  isListAwaited: boolean;
  /** Sockets as opened or listed. */
  private readonly services = new Map<
    number,
    { readonly type: SocketRow['service']; readonly contextId: number }
  >();
  /** The length of the next piece for a socket whose buffer was full. */
  private readonly room = new Map<number, number>();
  private readonly contexts: Contexts;
  private readonly totals: SentTotals;

  /** @param before the commands of the previous session, whose learned facts are kept */
  constructor(
    private readonly options: FamilyOptions,
    before?: TcpipCommands,
  ) {
    this.areEndsListed = before?.areEndsListed ?? false;
    this.isListAwaited = before?.isListAwaited ?? true;
    this.totals = new SentTotals(before?.totals);
    this.contexts = new Contexts(options.context, {
      isInUse: async (execute, contextId) =>
        (await execute(LIST_SOCKETS)).some((row) => row.contextId === contextId && row.state === 'open'),
    });
  }

  /** The open URC is the same for servers and clients. */
  onUrc(urc: SocketUrc): SocketUrc {
    if (urc.event === 'context/lost') this.contexts.noteLost(urc.pdpCid);
    if (urc.event === 'client/incoming') {
      const { contextId } = this.services.get(urc.serverId) ?? { contextId: DEFAULT_CONTEXT };
      this.services.set(urc.socketId, { type: 'TCP INCOMING', contextId });
      this.room.delete(urc.socketId);
      this.totals.noteOpened(urc.socketId);
    }
    if (urc.event !== 'client/open') return urc;
    const socket = this.services.get(urc.socketId);
    if (!socket) return urc;
    this.contexts.noteResult(socket.contextId, urc.result);
    const isServer = socket.type === 'TCP LISTENER' || socket.type === 'UDP SERVICE';
    return isServer ? { ...urc, event: 'server/open' } : urc;
  }

  async prepare(execute: Execute, socket: OpenSocket, now: number): Promise<number> {
    return this.contexts.ready(execute, contextIdOf(socket), now);
  }

  async whyRefused(execute: Execute, socketId: number, cme?: CmeError): Promise<number | undefined> {
    // The command whose result is asked for may be another one by now.
    const result = isResult(cme) ? cme : await asking(execute)(LAST_RESULT);
    const socket = this.services.get(socketId);
    if (socket && result !== undefined) this.contexts.noteResult(socket.contextId, result);
    return result;
  }

  openServer(server: OpenServer): Command<void> {
    const { ipVersion, protocol, port: localPort } = server;
    const type = protocol === 'tcp' ? 'TCP LISTENER' : 'UDP SERVICE';
    return this.open(server, type, { host: placeholder(ipVersion), remotePort: 0, localPort });
  }

  openClient(client: OpenClient): Command<void> {
    const { protocol, host, port: remotePort } = client;
    return this.open(client, protocol === 'tcp' ? 'TCP' : 'UDP', { host, remotePort, localPort: 0 });
  }

  close(socketId: number): Command<void> {
    return closeSocket(socketId);
  }

  send(socketId: number, rest: Buffer): Sending {
    const most = this.room.get(socketId) ?? SEND_LENGTH;
    const { command, bytes } = this.sending(socketId, nextPiece(rest.subarray(0, most), this.payload));
    const decode = (answer: Answer): number => {
      const taken = command.decode(answer);
      // The module takes all of a piece or nothing, and does not tell how much it has room for.
      this.room.set(socketId, taken > 0 ? Math.min(SEND_LENGTH, 2 * most) : Math.max(1, bytes >> 1));
      return taken;
    };
    return { command: { ...command, decode }, bytes };
  }

  sendDatagram(socketId: number, datagram: Buffer, to?: Peer): Sending | undefined {
    if (datagram.length > SEND_LENGTH) return undefined;
    if (this.services.get(socketId)?.type === 'UDP SERVICE') return this.sendTo(socketId, datagram, to);
    const piece = datagramPiece(datagram, this.payload);
    if (!piece) throw new InvalidParameter(UNSAFE);
    return this.sending(socketId, piece);
  }

  async taken(
    execute: Execute,
    socketId: number,
    bytes: number,
    failure: AtFailure,
  ): Promise<number | undefined> {
    this.losesPrompts ||= failure === 'mixed';
    // From a line that is lost, the module may take it later.
    const sent = failure === 'lost' ? undefined : await asking(execute)(sendTotals(socketId));
    if (!sent) {
      this.totals.forget(socketId);
      return undefined;
    }
    const taken = this.totals.taken(socketId, bytes, sent.total);
    // As many bytes as the piece has, and perhaps others.
    return failure === 'mixed' && taken !== 0 ? undefined : taken;
  }

  receive(socketId: number, length: number): Command<Received> {
    const type = this.services.get(socketId)?.type;
    // With a length, some firmware does not tell the sender.
    if (type === 'UDP SERVICE') return receive(socketId, undefined, 'sender');
    if (type?.startsWith('TCP')) return receive(socketId, length, 'stream');
    // A datagram may be longer than a read of a stream, and its sender may or may not be in front of it.
    return receive(socketId, length === STREAM_LENGTH ? RECEIVE_LENGTH : length);
  }

  otherwise(): undefined {
    return undefined;
  }

  async list(execute: Execute): Promise<SocketList> {
    await this.compareContexts(execute);
    return this.shown(execute);
  }

  async listServers(execute: Execute): Promise<readonly ListedServer[]> {
    return (await this.list(execute)).servers;
  }

  async listSockets(execute: Execute): Promise<readonly ListedSocket[]> {
    return [...(await this.shown(execute)).sockets.values()];
  }

  async listAccepted(execute: Execute, serverId: number): Promise<readonly AcceptedSocket[]> {
    return acceptedBy(await this.shown(execute), serverId);
  }

  async queues(execute: Execute, socketId: number): Promise<QueueFigures> {
    const received = await execute(receiveTotals(socketId));
    const figures = { socketId, recvUsed: received.left, recvTotal: received.total };
    // Some firmware answers ERROR until something was sent.
    const sent = await asking(execute)(sendTotals(socketId));
    const isAcknowledged = this.services.get(socketId)?.type.startsWith('UDP') !== true;
    return {
      ...figures,
      sendUsed: isAcknowledged ? (sent?.left ?? 0) : 0,
      ...(sent && { sendTotal: sent.total }),
    };
  }

  async unread(execute: Execute, socketId: number): Promise<number> {
    return (await execute(receiveTotals(socketId))).left;
  }

  use({ facts }: Profile): void {
    this.facts = facts;
  }

  calibration(): Calibration {
    return tcpipCalibration();
  }

  private get payload(): Payload {
    const { echo, facts: proof, losesPrompts } = this;
    return { mode: this.options.payloadMode, proof, echo, losesPrompts };
  }

  private open(
    socket: OpenSocket,
    type: ServiceType,
    ends: { readonly host: string; readonly remotePort: number; readonly localPort: number },
  ): Command<void> {
    const { socketId } = socket;
    const contextId = contextIdOf(socket);
    this.services.set(socketId, { type, contextId });
    this.room.delete(socketId);
    this.totals.noteOpened(socketId);
    return openSocket({ contextId, socketId, type, ...ends });
  }

  private sending(socketId: number, { bytes, format }: Piece): Sending {
    if (format === 'hex') return this.counted(socketId, sendHex(socketId, bytes), bytes);
    return this.counted(socketId, this.sendRaw(socketId, bytes), bytes);
  }

  /** The hexadecimal form has no place for the peer. */
  private sendTo(socketId: number, datagram: Buffer, to: Peer | undefined): Sending {
    if (!to)
      throw new InvalidParameter('the message needs ip and port of the peer, as it comes from qfwd-recv');
    if (!isRawSafe(datagram, { ...this.payload, mode: 'raw', echo: this.echo ?? 'off' }))
      throw new InvalidParameter(UNSAFE);
    return this.counted(socketId, this.sendRaw(socketId, datagram, to), datagram);
  }

  private counted(socketId: number, command: Command<SendResult>, { length }: Buffer): Sending {
    const decode = (answer: Answer): number => {
      const { taken } = command.decode(answer);
      this.totals.noteTaken(socketId, taken);
      return taken;
    };
    return { command: { ...command, decode }, bytes: length };
  }

  /** Payload that looks like an answer is taken for an echo only where the module echoes. */
  private sendRaw(socketId: number, bytes: Buffer, to?: Peer): Command<SendResult> {
    const isBodyEchoed = this.echo === 'on' || !looksLikeAnswer(bytes);
    const command = {
      ...sendRaw(socketId, bytes, to),
      isBodyHarmless: () => this.totals.isTold(socketId) && isNoCommand(bytes),
      isBodyEchoed,
      isEscapeData: this.facts.fixed === 'transparent',
    };
    return {
      ...command,
      decode: (answer) => {
        const result = command.decode(answer);
        if (isBodyEchoed && isVisible(bytes)) this.echo = result.hasEchoed ? 'on' : 'off';
        return result;
      },
    };
  }

  private async shown(execute: Execute): Promise<SocketList> {
    const rows = await execute(LIST_SOCKETS);
    for (const { socketId, service: type, contextId } of rows)
      this.services.set(socketId, { type, contextId });
    const accepted = rows.filter(({ service }) => isAccepted(service));
    if (accepted.length > 0) this.isListAwaited = false;
    this.areEndsListed ||= accepted.some(({ state }) => state === 'open');
    return listOf(rows, (row) => this.isOver(row));
  }

  private isOver({ contextId, service, state }: SocketRow): boolean {
    if (this.contexts.isLost(contextId)) return true;
    // A live server was seen in the state of an ended socket, too.
    if (state !== 'ended' || SERVICES[service].role === 'server') return false;
    return !isAccepted(service) || this.areEndsListed;
  }

  private async compareContexts(execute: Execute): Promise<void> {
    if (!this.contexts.areKnown) return;
    const active = await asking(execute)(ACTIVE_CONTEXTS);
    if (active) this.contexts.compare(active);
  }
}

const UNSAFE =
  'it is not known whether this firmware takes 0x1A and 0x1B in a datagram as data: calibrate the modem first, ' +
  'or send text';

function isAccepted(service: SocketRow['service']): boolean {
  return SERVICES[service].role === 'accepted';
}

/** White space in front of an answer looks the same with and without an echo. */
function isVisible(bytes: Buffer): boolean {
  return bytes.some((byte) => byte > 0x20);
}
