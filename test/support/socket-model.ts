import type { Link, LinkEvents, Transport } from '../../src/at';

/** A peer that connects to the server of a module. */
export interface Peer {
  readonly ip: string;
  readonly port: number;
}

export interface SocketModelOptions {
  /** Whether an accepted connection gets the smallest free id, or the next one. */
  readonly ids?: 'smallest' | 'counting';
  /** The port for the URCs of sockets. */
  readonly reports?: 0 | 1;
  /** Whether a list shows connections that have ended and have unread data. */
  readonly listsClosed?: boolean;
  /** Whether a connection that has ended and has no data is listed until it is closed. */
  readonly keepsClosed?: boolean;
  /** Whether the second port executes no commands. */
  readonly isSecondDeaf?: boolean;
  /** Maximum number of connections. */
  readonly most?: number;
  /** Commands that it lacks, such as `QFWDACK`. */
  readonly lacks?: readonly string[];
  /** The treatment of a line with more than {@link mostJoined} commands, of which so many are executed if the rest is ignored. */
  readonly joined?: 'executed' | 'refused' | 'ignored';
  readonly mostJoined?: number;
  /** Whether a URC that comes while a command line is executed follows its result code. */
  readonly holdsUrcs?: boolean;
  /** Responses that replace those of the module, in pieces, the result code last; `undefined`: no replacement. */
  readonly answer?: (line: string) => string[] | undefined;
  /** How lists show the remote address. */
  readonly listed?: (ip: string) => string;
}

/** The server that is open, or that the modem is told to open. */
export const SERVER_PORT = 2020;
const FIRST_ID = 2;
/** The size of each queue of a socket, which no test fills. */
const QUEUE = 1_000_000;
const PORTS = ['usbat', 'usbmodem'] as const;
const NEW = {
  unread: '',
  got: '',
  isOpen: true,
  isClosedByHost: false,
  isReset: false,
  isGone: false,
} as const;
const CTRL_Z = '\x1a';
const ESC = '\x1b';

/** One connection, for the module and its peer. */
export interface ModelConnection extends Peer {
  readonly id: number;
  readonly serverId: number;
  /** Data of the peer that was not read. */
  unread: string;
  /** Data that the peer has received. */
  got: string;
  isOpen: boolean;
  /** The port for its URCs. */
  reports: 0 | 1;
  /** Whether the host has closed it. */
  isClosedByHost: boolean;
  /** Whether its peer has reset it. */
  isReset: boolean;
  /** The module no longer has it, nor its unread data. */
  isGone: boolean;
}

/**
 * A module for its peers and its host: one server, connections, two AT ports. It does nothing by itself: a command of a line is
 * executed, a piece of its response sent, and the line received by the host only when the test calls for it, so the test determines
 * the order of everything. {@link settle} does all there is to do.
 */
export class SocketModel {
  readonly ports: readonly [ModelPort, ModelPort];
  /** All connections that there ever were, in order. */
  readonly connections: ModelConnection[] = [];
  /** The port for the URCs of each server. */
  readonly servers = new Map<number, 0 | 1>();
  /** Whether its URCs are lost. */
  isMute = false;
  private lastId = FIRST_ID - 1;

  constructor(readonly options: SocketModelOptions = {}) {
    this.ports = [new ModelPort('first', this), new ModelPort('second', this, options.isSecondDeaf)];
  }

  get serverId(): number {
    return [...this.servers.keys()][0] ?? 0;
  }

  /** Connections that have an id now. */
  get live(): ModelConnection[] {
    return this.connections.filter(({ isGone }) => !isGone);
  }

  at(id: number): ModelConnection | undefined {
    return this.live.find((it) => it.id === id);
  }

  /** A peer connects; `undefined` if the module has no room for it, or no server. */
  connect({ ip, port }: Peer): ModelConnection | undefined {
    const { ids = 'smallest', most = 60_000 } = this.options;
    const { serverId } = this;
    if (serverId === 0 || this.live.length >= most) return undefined;
    let id = ids === 'counting' ? this.lastId + 1 : FIRST_ID;
    while (this.at(id)) id++;
    this.lastId = id;
    const reports = this.servers.get(serverId) ?? 0;
    const connection = { id, serverId, ip, port, reports, ...NEW };
    this.connections.push(connection);
    this.report(`"client/incoming",${serverId},${id},"${ip}",${port},"0.0.0.0",${SERVER_PORT}`, reports);
    return connection;
  }

  /** A peer sends data. */
  send(connection: ModelConnection, text: string): void {
    if (!connection.isOpen) return;
    connection.unread += text;
    this.report(`"client/read",${connection.id}`, connection.reports);
  }

  /** A peer closes. */
  end(connection: ModelConnection): void {
    if (!connection.isOpen) return;
    connection.isOpen = false;
    this.report(`"client/close",${connection.id}`, connection.reports);
    this.forgetIfDone(connection);
  }

  /** A peer resets its connection, so that its data can no longer be read. */
  reset(connection: ModelConnection): void {
    connection.isReset = true;
    connection.unread = '';
    this.end(connection);
  }

  report(text: string, port: 0 | 1 = this.options.reports ?? 0): void {
    if (!this.isMute) this.ports[port].report(`\r\n+QFWDURC: ${text}\r\n`);
  }

  /** Does everything there is to do. @returns whether there was anything */
  settle(): boolean {
    let hasWorked = false;
    for (let isAtWork = true; isAtWork; hasWorked ||= isAtWork) {
      isAtWork = false;
      for (const port of this.ports) {
        while (port.execute() || port.answer() || port.transfer()) isAtWork = true;
      }
    }
    return hasWorked;
  }

  /** Executes a command line, one command in each step: the pieces of each response, the result code of the line last. */
  *run(line: string): Generator<string[], void> {
    const instead = this.options.answer?.(line);
    if (instead) {
      yield instead;
      return;
    }
    const { joined = 'executed', mostJoined = joined === 'executed' ? Infinity : 1 } = this.options;
    const commands = line.split(/;(?=\+)/).map((it, index) => (index === 0 ? it : `AT${it}`));
    if (commands.length > mostJoined && joined !== 'ignored') {
      yield ERROR;
      return;
    }
    const executed = commands.slice(0, mostJoined);
    for (const [index, command] of executed.entries()) {
      const pieces = this.runOne(command);
      const isLast = index === executed.length - 1 || pieces.at(-1) !== OK[0];
      yield isLast ? pieces : pieces.slice(0, -1);
      if (isLast) return;
    }
  }

  private runOne(line: string): string[] {
    const [, name = '', args = ''] = /^AT\+?(\w*)[=?]?(.*)$/.exec(line) ?? [];
    if (this.options.lacks?.includes(name)) return ERROR;
    const numbers = args.split(',').map((it) => Number(it.replaceAll('"', '')));
    const [id = 0] = numbers;
    switch (line.endsWith('=?') ? '' : name) {
      case 'CMEE':
        return line.endsWith('?') ? answer('+CMEE: 1') : OK;
      case 'CPIN':
        return answer('+CPIN: READY');
      case 'QFWDSEVER':
        return line.endsWith('?') ? answer(...this.serverRows()) : this.openServer(numbers[1] ?? 0);
      case 'QFWDCLIENT':
        return answer(...this.listed().map((it) => this.clientRow(it)));
      case 'QFWDSTATE':
        return answer(
          ...this.listed().map((it, index) => `+QFWDSTATE: ${index + 1},${it.id},${this.ends(it)}`),
        );
      case 'QFWDACK':
        return this.figures(id);
      case 'QFWDRECV':
        return this.read(id, numbers[1] ?? 0);
      case 'QFWDCFG':
        return this.setReports(args);
      case 'QFWDCLOSE':
        return this.close(id);
      default:
        return line.endsWith('=?') && name === 'QFWDSEVER' ? answer('+QFWDSEVER: (0-16),a,b,c,d,e,f,g') : OK;
    }
  }

  /** The response to the body of a send. */
  take(id: number, body: string): string[] {
    const connection = this.at(id);
    if (!connection) return ERROR;
    connection.got += body;
    return answer(`+QFWDSEND: ${id},${body.length}`);
  }

  private openServer(id: number): string[] {
    this.servers.set(id, this.options.reports ?? 0);
    this.report(`"server/open",${id},0`);
    return OK;
  }

  private serverRows(): string[] {
    return [...this.servers].map(([id, port]) => `+QFWDSEVER: ${id},"tcp",${SERVER_PORT},"${PORTS[port]}"`);
  }

  private listed(): ModelConnection[] {
    return this.live.filter(({ isOpen }) => isOpen || this.options.listsClosed);
  }

  private clientRow(connection: ModelConnection): string {
    return `+QFWDCLIENT: ${connection.id},"income","tcp",${this.ends(connection)},"${PORTS[connection.reports]}"`;
  }

  private ends({ ip, port }: ModelConnection): string {
    return `"${this.options.listed?.(ip) ?? ip}",${port},"0.0.0.0",${SERVER_PORT}`;
  }

  private figures(id: number): string[] {
    const connection = this.at(id);
    if (!connection) return ERROR;
    const { length } = connection.unread;
    return answer(`+QFWDACK: ${id},0,${QUEUE},${QUEUE},${length},${QUEUE - length},${QUEUE}`);
  }

  private read(id: number, most: number): string[] {
    const connection = this.at(id);
    if (!connection) return ERROR;
    const data = connection.unread.slice(0, most);
    connection.unread = connection.unread.slice(most);
    this.forgetIfDone(connection);
    return [`\r\n+QFWDRECV: ${id},${data.length}\r\n${data === '' ? '' : `${data}\r\n`}`, ...OK];
  }

  private close(id: number): string[] {
    if (this.servers.delete(id)) return OK;
    const connection = this.at(id);
    if (!connection) return ERROR;
    Object.assign(connection, { isOpen: false, isClosedByHost: true, isGone: true });
    return OK;
  }

  private setReports(args: string): string[] {
    const [, id, name] = /^"urc",(\d+),"(\w+)"$/.exec(args) ?? [];
    const port = name === PORTS[1] ? 1 : 0;
    const connection = this.at(Number(id));
    if (connection) connection.reports = port;
    else if (this.servers.has(Number(id))) this.servers.set(Number(id), port);
    else return ERROR;
    return OK;
  }

  private forgetIfDone(connection: ModelConnection): void {
    const { isOpen, unread } = connection;
    if (!isOpen && unread === '' && !this.options.keepsClosed) connection.isGone = true;
  }
}

const OK = ['\r\nOK\r\n'];
const ERROR = ['\r\nERROR\r\n'];

function answer(...lines: readonly string[]): string[] {
  return [...lines.map((line) => `\r\n${line}\r\n`), ...OK];
}

/** One AT port of the module. */
export class ModelPort implements Transport {
  /** Command lines that were executed. */
  readonly commands: string[] = [];
  /** Whether the host can open it. */
  isThere = true;
  private events: LinkEvents | undefined;
  private input = '';
  private pieces: string[] = [];
  /** The command line that is executed. */
  private line: Iterator<string[], void> | undefined;
  private held: string[] = [];
  private output: string[] = [];
  /** The socket whose body is expected. */
  private prompted: number | undefined;

  constructor(
    readonly name: string,
    private readonly module: SocketModel,
    /** Whether it executes no commands. */
    private readonly isDeaf = false,
  ) {}

  open(events: LinkEvents): Promise<Link> {
    if (!this.isThere) return Promise.reject(new Error(`${this.name} is not there`));
    this.events = events;
    return Promise.resolve({
      write: (bytes) => {
        if (this.events === events && !this.isDeaf) this.input += bytes.toString('latin1');
      },
      close: () => {
        if (this.events === events) this.forget();
        return Promise.resolve();
      },
    });
  }

  get isOpen(): boolean {
    return this.events !== undefined;
  }

  /** The cable is disconnected: all further output is lost. */
  lose(): void {
    const { events } = this;
    this.forget();
    events?.closed(new Error('pulled'));
  }

  /** Sends a URC, now or after the command line that is executed. */
  report(urc: string): void {
    if (this.line && this.module.options.holdsUrcs) this.held.push(urc);
    else this.say(urc);
  }

  /** Puts something on the line. */
  say(text: string): void {
    if (this.events) this.output.push(text);
  }

  /** Executes the next command, of the same line or of the next one. @returns whether there was one */
  execute(): boolean {
    if (this.pieces.length > 0) return false;
    if (this.executeNext()) return true;
    if (this.prompted !== undefined) return this.executeBody(this.prompted);
    const end = this.input.indexOf('\r');
    if (end < 0) return false;
    const line = this.input.slice(0, end).replaceAll(ESC, '');
    this.input = this.input.slice(end + 1);
    if (line === '') return true;
    this.commands.push(line);
    const [, id] = /^AT\+QFWDSEND=(\d+),/.exec(line) ?? [];
    if (id === undefined) {
      this.line = this.module.run(line);
      this.executeNext();
    } else if (this.module.at(Number(id))) {
      this.prompted = Number(id);
      this.say('\r\n> ');
    } else {
      this.pieces = [...ERROR];
    }
    return true;
  }

  /** Sends the next piece of the response. @returns whether there was one */
  answer(): boolean {
    const [piece, ...others] = this.pieces;
    if (piece === undefined) return false;
    this.pieces = others;
    this.say(piece);
    return true;
  }

  /** The host receives the next piece from the line. @returns whether there was one */
  transfer(): boolean {
    const piece = this.output.shift();
    if (piece === undefined) return false;
    this.events?.data(Buffer.from(piece, 'latin1'));
    return true;
  }

  /** @returns whether there was a command left on the line */
  private executeNext(): boolean {
    const pieces = this.line?.next().value;
    if (pieces) {
      this.pieces = [...pieces];
    } else {
      this.line = undefined;
      this.held.splice(0).forEach((urc) => this.say(urc));
    }
    return pieces !== undefined;
  }

  private executeBody(id: number): boolean {
    const ends = [CTRL_Z, ESC].map((it) => this.input.indexOf(it)).filter((at) => at >= 0);
    if (ends.length === 0) return false;
    const end = Math.min(...ends);
    const isCancelled = this.input[end] === ESC;
    const body = this.input.slice(0, end);
    this.input = this.input.slice(end + 1);
    this.prompted = undefined;
    this.pieces = isCancelled ? [...OK] : this.module.take(id, body);
    return true;
  }

  private forget(): void {
    this.events = undefined;
    this.input = '';
    this.pieces = [];
    this.line = undefined;
    this.held = [];
    this.output = [];
    this.prompted = undefined;
  }
}
