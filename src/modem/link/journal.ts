/**
 * A log of the latest traffic on the line, and its counters. Cheap: payload is recorded by its length only, and secrets
 * are masked only when entries are read.
 */
import { type LineMonitor, masked, parseResult, shown, type Token } from '../../at';
import type { Counters } from './counters';

/** `out`: to the module. `in`: from it. `note`: about the line itself. */
export type Direction = 'out' | 'in' | 'note';

export interface JournalEntry {
  /** Time on the clock of the modem, in ms. */
  readonly at: number;
  readonly direction: Direction;
  /** Secrets are masked. Payload is shown as `[5 bytes]`. */
  readonly text: string;
}

/** Called for each entry at once. */
export type Trace = (direction: Direction, text: string) => void;

interface Line {
  readonly at: number;
  readonly direction: Direction;
  /** Prefix that identifies the port. */
  readonly mark: string;
  /** A number is a payload length in bytes. */
  readonly content: string | number;
  readonly isSecret: boolean;
}

/** Enough for what led to a fault to be still there when somebody looks. */
export const JOURNAL_LENGTH = 2000;

/** Collects the raw bytes from the module during a capture. */
interface Tap {
  chunks: Buffer[] | undefined;
}

/** Records the traffic of one port. */
class PortMonitor implements LineMonitor {
  constructor(
    private readonly counters: Counters,
    private readonly add: (direction: Direction, content: Line['content'], isSecret?: boolean) => void,
    private readonly tap: Tap,
  ) {}

  command(text: string, isSecret?: boolean): void {
    this.counters.commands++;
    this.counters.bytesOut += text.length + 1;
    this.add('out', text, isSecret);
  }

  body(bytes: number): void {
    this.counters.bytesOut += bytes;
    this.add('out', bytes);
  }

  wakeUp(bytes: Buffer): void {
    this.counters.bytesOut += bytes.length;
    this.add('out', bytes.length > 1 ? 'ESC' : 'CR');
  }

  received(chunk: Buffer): void {
    this.counters.bytesIn += chunk.length;
    this.tap.chunks?.push(Buffer.from(chunk));
  }

  heard(token: Token, isSecret?: boolean): void {
    if (token.type === 'line') this.add('in', token.text, isSecret);
    else if (token.type === 'block') this.add('in', token.data.length);
    else if (token.type === 'prompt') this.add('in', '>');
    else if (token.type === 'noise') this.add('note', `${token.bytes} bytes that are no line`);
  }

  timedOut(text: string): void {
    this.counters.timeouts++;
    this.add('note', `no answer in time to ${text}`);
  }
}

export class Journal {
  readonly first: LineMonitor;
  /** Entries of the second port have a prefix. */
  readonly second: LineMonitor;
  private readonly lines: Line[] = [];
  private readonly tap: Tap = { chunks: undefined };
  private written = 0;

  constructor(
    counters: Counters,
    private readonly now: () => number,
    private readonly trace?: Trace,
  ) {
    this.first = new PortMonitor(counters, (...line) => this.add('', ...line), this.tap);
    this.second = new PortMonitor(counters, (...line) => this.add('[2] ', ...line), this.tap);
  }

  /** Total number of entries so far; changes when there are new ones. */
  get count(): number {
    return this.written;
  }

  /** The latest entries, oldest first. @param after leaves out this many of the first ones ever, see {@link count} */
  entries(after = 0): JournalEntry[] {
    const entries: JournalEntry[] = [];
    const first = Math.max(after, this.written - this.lines.length);
    for (let number = first; number < this.written; number++) {
      const line = this.lines[number % JOURNAL_LENGTH];
      if (line) entries.push({ at: line.at, direction: line.direction, text: readable(line) });
    }
    return entries;
  }

  /** Everything received from the module during `work`, as Latin-1. Only one capture at a time. */
  async capture(work: () => Promise<unknown>): Promise<string> {
    const chunks: Buffer[] = [];
    this.tap.chunks = chunks;
    try {
      await work();
    } finally {
      this.tap.chunks = undefined;
    }
    return Buffer.concat(chunks).toString('latin1');
  }

  /** Adds an entry about the line itself. */
  note(text: string): void {
    this.add('', 'note', text);
  }

  private add(mark: string, direction: Direction, content: Line['content'], isSecret = false): void {
    const line = { at: this.now(), direction, mark, content, isSecret };
    this.lines[this.written++ % JOURNAL_LENGTH] = line;
    this.trace?.(direction, readable(line));
  }
}

function readable({ mark, direction, content, isSecret }: Line): string {
  if (typeof content === 'number') return `${mark}[${content} bytes]`;
  // A final result code says nothing of the parameters.
  const isHidden = isSecret && (direction === 'out' || !parseResult(content));
  if (!isHidden) return mark + masked(content);
  return mark + (direction === 'out' ? shown({ text: content, isSecret }) : `[${content.length} characters]`);
}
