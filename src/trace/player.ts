/**
 * Plays the module's side of a trace: a command is answered as it was then. The commands may come in another order, and more
 * than once; what was never asked then is answered with ERROR. Times are not kept.
 */
import { masked } from '../at';
import type { TraceEntry } from './format';
import { bodyLength, endOfBody, ESC, TERMINATED, withoutPayload } from './payload';

/** A command of the trace, and what the module said until the next one. */
interface Exchange {
  readonly command: string;
  /** Before and after the body, if there was one. */
  answer: string;
  afterBody?: string;
}

export interface PlayerOptions {
  /** Bytes for the host. */
  send(bytes: Buffer): void;
  /** A command that was never asked in the trace. */
  onUnknown(command: string): void;
}

const NOT_KNOWN = '\r\nERROR\r\n';
const CANCELLED = '\r\nOK\r\n';

export class TracePlayer {
  private readonly greeting: string;
  private readonly exchanges: readonly Readonly<Exchange>[];
  private readonly played = new Set<Readonly<Exchange>>();
  private received = '';
  /** Of the exchange whose body is being received. */
  private pending: { readonly exchange: Readonly<Exchange>; readonly length: number } | undefined;

  /** @param entries of one port */
  constructor(
    entries: readonly TraceEntry[],
    private readonly options: PlayerOptions,
  ) {
    const { greeting, exchanges } = exchangesIn(entries);
    this.greeting = greeting;
    this.exchanges = exchanges;
  }

  /** A host has attached: what the module said before the first command. */
  begin(): void {
    this.received = '';
    this.pending = undefined;
    this.send(this.greeting);
  }

  /** Bytes of the host. */
  receive(bytes: Buffer): void {
    this.received += bytes.toString('latin1');
    while (this.pending ? this.takeBody(this.pending) : this.takeCommand());
  }

  /** @returns whether there was one */
  private takeCommand(): boolean {
    // ESC and LF outside a body have no effect.
    const end = this.received.indexOf('\r');
    if (end < 0) return false;
    const command = this.received.slice(0, end).replaceAll(ESC, '').trim();
    this.received = this.received.slice(end + 1);
    if (command !== '') this.answer(command);
    return true;
  }

  private answer(command: string): void {
    const exchange = this.find(key(command));
    if (!exchange) {
      this.options.onUnknown(masked(command));
      return this.send(NOT_KNOWN);
    }
    if (exchange.afterBody !== undefined) this.pending = { exchange, length: bodyLength(command) };
    this.send(exchange.answer);
  }

  private takeBody({ exchange, length }: { exchange: Readonly<Exchange>; length: number }): boolean {
    const end = length === TERMINATED ? endOfBody(this.received) : length - 1;
    if (end < 0 || end >= this.received.length) return false;
    const isCancelled = length === TERMINATED && this.received[end] === ESC;
    this.received = this.received.slice(end + 1);
    this.pending = undefined;
    this.send(isCancelled ? CANCELLED : (exchange.afterBody ?? ''));
    return true;
  }

  /** The next one with this command; after the last one, the last one again. */
  private find(command: string): Readonly<Exchange> | undefined {
    const isIt = (it: Readonly<Exchange>): boolean => it.command === command;
    const next = this.exchanges.find((it) => isIt(it) && !this.played.has(it));
    if (next) this.played.add(next);
    return next ?? this.exchanges.filter(isIt).at(-1);
  }

  private send(text: string): void {
    if (text !== '') this.options.send(Buffer.from(text, 'latin1'));
  }
}

/** The ports in a trace. */
export function portsIn(entries: readonly TraceEntry[]): string[] {
  return [...new Set(entries.map(({ port }) => port))];
}

function exchangesIn(entries: readonly TraceEntry[]): { greeting: string; exchanges: Exchange[] } {
  const exchanges: Exchange[] = [];
  let greeting = '';
  for (const { dir, data } of entries) {
    const last = exchanges.at(-1);
    if (dir === 'out') {
      if (/^\s*AT/i.test(data)) exchanges.push({ command: key(data), answer: '' });
      else if (last && data.replaceAll(ESC, '').trim() !== '') last.afterBody ??= '';
    } else if (!last) greeting += data;
    else if (last.afterBody === undefined) last.answer += data;
    else last.afterBody += data;
  }
  return { greeting, exchanges };
}

/** What is the same of a command, whether it was masked or not. */
function key(command: string): string {
  const text = command.trim();
  return withoutPayload(text) ?? masked(text);
}
