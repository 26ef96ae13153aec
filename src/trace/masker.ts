/**
 * Removes secrets, addresses and payload from the traffic of one port. Knows the language only as far as needed to tell lines, bodies
 * and blocks apart. What is not known to be a line of a module or a command is replaced, too: it may be payload.
 */
import { type Marks, masked, parseResult, shown } from '../at';
import { Addresses } from './addresses';
import type { Direction } from './format';
import {
  blockLength,
  bodyLength,
  crossed,
  endOfBody,
  ESC,
  inlineHeader,
  TERMINATED,
  withoutPayload,
} from './payload';

export interface MaskerOptions {
  /** Keeps payload and unknown lines. */
  readonly keepsPayload?: boolean;
  /** Commands that nobody may see. */
  readonly secrets?: ReadonlySet<string>;
  /** Of all ports of a module. */
  readonly addresses?: Addresses;
}

/** Text that may be shown, with one character for each byte unless a secret was in it. */
export interface Part {
  readonly dir: Direction;
  readonly data: string;
}

/** What has no end after this many characters is no line. */
const LONGEST_LINE = 4096;

/** Bytes, so that a trace can be played; an identity keeps its form. */
const MARKS: Marks = { secret: 'xxxx', identity: (digits) => '0'.repeat(digits.length) };

const LINE = /^[\r\n]*[^\r\n]*[\r\n]+/;
const PROMPT = /^[\r\n]*> ?(?=[\r\n]|$)/;

/** Lines of modules without parameters that may hold anything else. */
const WORDS =
  /^([04]|RDY|APP RDY|RING|NO CARRIER|POWERED DOWN|NORMAL POWER DOWN|SEND (OK|FAIL)|CONNECT( \d+)?|[+^$*%!#&][A-Z]\w*( ERROR)?:.*)$/i;
/** Commands whose answers have no prefix. */
const ANSWERED_PLAINLY = /^AT(I\d*|\+(CG?M[IMR]|GM[IMR]|QGMR|CGSN|GSN|CIMI))$/i;

export class TraceMasker {
  private readonly held: Record<Direction, string> = { out: '', in: '' };
  /** The last command. */
  private command = '';
  /** Bytes of its body, and of the block that is being received, that are still to come. */
  private body = 0;
  private block = 0;
  private isAnswerSecret = false;
  /** It has no final result code yet. */
  private isUnanswered = false;
  private readonly addresses: Addresses;

  constructor(private readonly options: MaskerOptions = {}) {
    this.addresses = options.addresses ?? new Addresses();
  }

  /** What can be shown once these bytes have passed. */
  feed(dir: Direction, bytes: Buffer): Part[] {
    this.held[dir] += bytes.toString('latin1');
    const next = dir === 'out' ? () => this.nextOut() : () => this.nextIn();
    const parts: Part[] = [];
    for (let data = next(); data !== undefined; data = next()) if (data !== '') parts.push({ dir, data });
    return parts;
  }

  /** The port was closed: what has not ended is payload at best. */
  end(): Part[] {
    const parts = (['out', 'in'] as const).map((dir) => ({
      dir,
      data: this.payload(this.take(dir, Infinity)),
    }));
    this.body = 0;
    this.block = 0;
    return parts.filter(({ data }) => data !== '');
  }

  private nextOut(): string | undefined {
    const { out } = this.held;
    if (out === '') return undefined;
    if (this.body > 0) return this.nextOfBody(out);
    // What ends whatever is open on the line.
    const rest = out.replaceAll(ESC, '\r').search(/[^\r]/);
    if (rest !== 0) return this.take('out', rest < 0 ? out.length : rest);
    const end = out.indexOf('\r') + 1;
    if (end === 0) return this.tooLong('out');
    const line = this.take('out', end).slice(0, -1);
    this.command = line.trim();
    this.isUnanswered = true;
    this.isAnswerSecret = this.options.secrets?.has(this.command) === true;
    return `${this.shownCommand(line)}\r`;
  }

  private nextOfBody(out: string): string {
    const isTerminated = this.body === TERMINATED;
    const end = isTerminated ? endOfBody(out) : this.body - 1;
    const isWhole = end >= 0 && end < out.length;
    const data = this.take('out', isWhole ? end + 1 : Infinity);
    if (isWhole) this.body = 0;
    else this.body -= data.length;
    return isTerminated && isWhole ? this.payload(data.slice(0, -1)) + data.slice(-1) : this.payload(data);
  }

  private nextIn(): string | undefined {
    const text = this.held.in;
    if (text === '') return undefined;
    if (this.block > 0) {
      const data = this.take('in', this.block);
      this.block -= data.length;
      return this.payload(data);
    }
    const prompt = PROMPT.exec(text)?.[0].length;
    if (prompt !== undefined && this.isUnanswered) {
      this.body = bodyLength(this.command);
      return this.take('in', prompt);
    }
    // The blank of a prompt that was cut in two.
    if (this.body > 0 && text === ' ') return this.take('in', 1);
    const line = LINE.exec(text)?.[0];
    if (line === undefined) return this.tooLong('in');
    const announced = blockLength(line.trim());
    const inline = announced === 0 ? inlineHeader(this.command, text) : undefined;
    if (inline) {
      this.block = inline.block;
      return this.masked(this.take('in', inline.length));
    }
    // Data may begin with line ends.
    const length = announced > 0 ? endOfLine(line) : line.length;
    // The end of the line may be cut in two.
    if (announced > 0 && line.length < length) return undefined;
    this.block = announced;
    return this.shownAnswer(this.take('in', length));
  }

  private tooLong(dir: Direction): string | undefined {
    return this.held[dir].length > LONGEST_LINE ? this.payload(this.take(dir, Infinity)) : undefined;
  }

  private take(dir: Direction, length: number): string {
    const data = this.held[dir].slice(0, length);
    this.held[dir] = this.held[dir].slice(data.length);
    return data;
  }

  private shownCommand(line: string): string {
    if (this.isAnswerSecret) return shown({ text: this.command, isSecret: true }, MARKS);
    const crossedOut = withoutPayload(line);
    if (crossedOut !== undefined) return this.options.keepsPayload ? line : crossedOut;
    return /^\s*AT/i.test(line) ? this.masked(line) : this.payload(line);
  }

  /** A line with its ends. */
  private shownAnswer(line: string): string {
    const text = line.trim();
    if (text === '') return line;
    const isResult = parseResult(text) !== undefined;
    if (isResult) {
      this.body = 0;
      this.isUnanswered = false;
    }
    return line.replace(text, () => this.shownText(text, isResult));
  }

  private shownText(text: string, isResult: boolean): string {
    if (isResult) return text;
    if (text === this.command) return this.shownCommand(text);
    if (this.isAnswerSecret) return crossed(text);
    const isKnown = WORDS.test(text) || ANSWERED_PLAINLY.test(this.command);
    return isKnown || this.options.keepsPayload ? this.masked(text) : crossed(text);
  }

  private masked(text: string): string {
    return this.addresses.replaced(masked(text, MARKS));
  }

  private payload(text: string): string {
    return this.options.keepsPayload ? text : crossed(text);
  }
}

/** Where a line ends that raw data follows: after CR LF. */
function endOfLine(line: string): number {
  const start = line.search(/[^\r\n]/);
  return line.slice(start).search(/[\r\n]/) + start + 2;
}
