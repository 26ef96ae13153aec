import { ByteQueue } from '../byte-queue';
import type { DataState, Exchange } from '../line/exchange';
import type { Connection } from '../sockets/connection';
import { BUFFER } from './open-request';
import type { TcpipStack } from './stack';

const MAX_PIECE = 1460;

/** Joins a connection in transparent mode and an AT port in online data state, until the escape sequence or the end of either. */
export class DataLine {
  readonly #stack: TcpipStack;
  readonly #connection: Connection;
  readonly #toPeer = new ByteQueue();
  readonly #state: DataState;
  #isSending = false;

  constructor(stack: TcpipStack, connection: Connection, exchange: Exchange) {
    this.#stack = stack;
    this.#connection = connection;
    this.#state = exchange.connect({
      take: (data) => {
        this.#toPeer.push(data);
        void this.#send();
      },
      escaped: () => this.#escaped(),
    });
  }

  /** To be called when the host has been told that it is connected. */
  start(): void {
    this.#stack.dataLines.set(this.#connection.id, this);
    this.receive();
    if (this.#connection.state === 'ended') this.end();
  }

  /** Passes on what was received. */
  receive(): void {
    while (this.#connection.hasUnread())
      this.#state.send(this.#connection.read(MAX_PIECE) ?? Buffer.alloc(0));
  }

  /** The connection has ended. */
  end(): void {
    this.#stack.dataLines.delete(this.#connection.id);
    this.#state.end('NO CARRIER');
  }

  /** From now on, the host reads by commands. */
  #escaped(): void {
    this.#stack.setMode(this.#connection.id, BUFFER);
    this.#stack.dataLines.delete(this.#connection.id);
    this.#stack.escaped = this.#connection.id;
  }

  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    while (this.#toPeer.length > 0) {
      const piece = this.#toPeer.first?.subarray(0, MAX_PIECE) ?? Buffer.alloc(0);
      const taken = this.#connection.send(piece);
      if (taken === undefined) this.#toPeer.clear();
      else this.#toPeer.skip(taken);
      if (taken !== piece.length) await this.#connection.delivered();
    }
    this.#isSending = false;
  }
}
