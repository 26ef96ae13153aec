import type { Link, LinkEvents, Transport } from '../../src/at';

/** Somebody who connects to the server of a module. */
export interface Peer {
  readonly ip: string;
  readonly port: number;
}

export interface SocketModelOptions {
  /** Whether an accepted connection gets the smallest id that is free, or the next one. */
  readonly ids?: 'smallest' | 'counting';
  /** To which port the URCs of sockets go. */
  readonly reports?: 0 | 1;
  /** Whether a list shows connections whose peers have gone and that hold unread data. */
  readonly listsClosed?: boolean;
  /** Whether a connection whose peer has gone is there until it is closed, though nothing is left to read. */
  readonly keepsClosed?: boolean;
  /** Whether the second port does nothing that it is told. */
  readonly isSecondDeaf?: boolean;
  /** Connections that it can have. */
  readonly most?: number;
  /** Commands that it has not got, such as `QFWDACK`. */
  readonly lacks?: readonly string[];
  /** What becomes of a line with several commands. */
  readonly joined?: 'executed' | 'refused' | 'ignored';
  /** Answers in place of the module: each piece, the result code last; nothing where that is to answer. */
  readonly answer?: (line: string) => string[] | undefined;
  /** How lists write the remote address. */
  readonly listed?: (ip: string) => string;
}

/** The server that the module has, or is told to open. */
export const SERVER_PORT = 2020;
const FIRST_ID = 2;
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

/** One connection, as the module and its peer see it. */
export interface ModelConnection extends Peer {
  readonly id: number;
  readonly serverId: number;
  /** What the peer sent and nobody has read. */
  unread: string;
  /** What reached the peer. */
  got: string;
  isOpen: boolean;
  /** To which port it reports. */
  reports: 0 | 1;
  /** Whether its end was an order of the host. */
  isClosedByHost: boolean;
  /** Whether its peer broke off. */
  isReset: boolean;
  /** The module has forgotten it, and with it what was unread. */
  isGone: boolean;
}

/**
 * A module as its peers and its host see it: one server, connections that come and go, two AT ports. It does nothing by
 * itself: a command is executed, a piece of its answer put on the line, and the line heard by the host only when told, so that a
 * test has the order of everything in hand. {@link settle} does all there is to do.
 */
export class SocketModel {
  readonly ports: readonly [ModelPort, ModelPort];
  /** All that ever were, in the order in which they came. */
  readonly connections: ModelConnection[] = [];
  /** To which port each reports. */
  readonly servers = new Map<number, 0 | 1>();
  /** Whether its reports are lost. */
  isMute = false;
  private lastId = FIRST_ID - 1;

  constructor(readonly options: SocketModelOptions = {}) {
    this.ports = [new ModelPort('first', this), new ModelPort('second', this, options.isSecondDeaf)];
  }

  get serverId(): number {
    return [...this.servers.keys()][0] ?? 0;
  }

  /** Those that have an id now. */
  get live(): ModelConnection[] {
    return this.connections.filter(({ isGone }) => !isGone);
  }

  at(id: number): ModelConnection | undefined {
    return this.live.find((it) => it.id === id);
  }

  /** A peer connects; nothing when the module has no room for it, or no server. */
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

  /** A peer sends. */
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

  /** A peer breaks off, so that nothing of what it sent can be had any more. */
  reset(connection: ModelConnection): void {
    connection.isReset = true;
    connection.unread = '';
    this.end(connection);
  }

  report(text: string, port: 0 | 1 = this.options.reports ?? 0): void {
    if (!this.isMute) this.ports[port].say(`\r\n+QFWDURC: ${text}\r\n`);
  }

  /** Everything goes its way. @returns whether there was anything to do */
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

  /** The pieces of the answer to a command line, the result code last. */
  run(line: string): string[] {
    const instead = this.options.answer?.(line);
    if (instead) return instead;
    const { joined = 'executed' } = this.options;
    const commands = line.split(/;(?=\+)/);
    if (commands.length > 1 && joined === 'refused') return ERROR;
    let pieces = OK;
    for (const [index, command] of commands.entries()) {
      if (index > 0 && (joined === 'ignored' || pieces.at(-1) !== OK[0])) break;
      pieces = [...pieces.slice(0, -1), ...this.runOne(index === 0 ? command : `AT${command}`)];
    }
    return pieces;
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

  /** The answer to the body of a send. */
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
    return answer(`+QFWDACK: ${id},0,1000,1000,${length},${1000 - length},1000`);
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
  private output: string[] = [];
  /** The socket that a body is awaited for. */
  private prompted: number | undefined;

  constructor(
    readonly name: string,
    private readonly module: SocketModel,
    /** Whether it does nothing that it is told. */
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

  /** The cable is pulled: what is said from now on is lost. */
  lose(): void {
    const { events } = this;
    this.forget();
    events?.closed(new Error('pulled'));
  }

  /** Puts something on the line. */
  say(text: string): void {
    if (this.events) this.output.push(text);
  }

  /** Executes the next command. @returns whether there was one */
  execute(): boolean {
    if (this.pieces.length > 0) return false;
    if (this.prompted !== undefined) return this.executeBody(this.prompted);
    const end = this.input.indexOf('\r');
    if (end < 0) return false;
    const line = this.input.slice(0, end).replaceAll(ESC, '');
    this.input = this.input.slice(end + 1);
    if (line === '') return true;
    this.commands.push(line);
    const [, id] = /^AT\+QFWDSEND=(\d+),/.exec(line) ?? [];
    if (id === undefined) {
      this.pieces = this.module.run(line);
    } else if (this.module.at(Number(id))) {
      this.prompted = Number(id);
      this.say('\r\n> ');
    } else {
      this.pieces = [...ERROR];
    }
    return true;
  }

  /** Puts the next piece of the answer on the line. @returns whether there was one */
  answer(): boolean {
    const [piece, ...others] = this.pieces;
    if (piece === undefined) return false;
    this.pieces = others;
    this.say(piece);
    return true;
  }

  /** The host hears the next piece of what is on the line. @returns whether there was one */
  transfer(): boolean {
    const piece = this.output.shift();
    if (piece === undefined) return false;
    this.events?.data(Buffer.from(piece, 'latin1'));
    return true;
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
    this.output = [];
    this.prompted = undefined;
  }
}
