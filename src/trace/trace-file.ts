/** A file for a trace. It has a limited size: when that is reached, it is renamed to `<path>.1`, and a new trace begun. */
import { closeSync, fstatSync, openSync, readSync, renameSync, writeSync } from 'node:fs';

export interface TraceFileOptions {
  readonly path: string;
  /** In bytes; with the file before, twice as many are kept. */
  readonly limit?: number;
  /** Whether what is in the file is kept. */
  readonly appends: boolean;
  /** Begins a trace. @returns its first line */
  header(): string;
  /** Writing failed: nothing more is written. */
  onError(error: Error): void;
}

const LIMIT = 8 * 1024 * 1024;
/** Only the owner may read it. */
const MODE = 0o600;

export class TraceFile {
  private file: number | undefined;
  private size = 0;

  /** Errors are reported, and never thrown. */
  constructor(private readonly options: TraceFileOptions) {
    this.attempt(() => this.open(options.appends ? 'a+' : 'w'));
  }

  /** @param line makes it, again if a new trace was begun for it, in which times are others */
  write(line: () => string): void {
    this.attempt(() => {
      if (this.file === undefined) return;
      const text = line();
      const { limit = LIMIT } = this.options;
      const fits = this.size === 0 || this.size + text.length + 1 <= limit;
      if (!fits) this.rotate(this.file);
      this.append(fits ? text : line());
    });
  }

  /** Begins a trace. */
  begin(): void {
    this.write(() => this.options.header());
  }

  close(): void {
    const { file } = this;
    this.file = undefined;
    if (file !== undefined) closeSync(file);
  }

  private open(flags: 'a+' | 'w'): void {
    this.file = openSync(this.options.path, flags, MODE);
    this.size = fstatSync(this.file).size;
    // The computer may have stopped within a line.
    if (this.size > 0 && !endsLine(this.file, this.size)) this.append('');
  }

  private rotate(file: number): void {
    const { path } = this.options;
    closeSync(file);
    this.file = undefined;
    renameSync(path, `${path}.1`);
    this.open('a+');
    this.append(this.options.header());
  }

  /** Traces are ASCII, so a character is a byte. */
  private append(line: string): void {
    if (this.file !== undefined) this.size += writeSync(this.file, `${line}\n`);
  }

  private attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      const { file } = this;
      this.file = undefined;
      if (file !== undefined) closeSync(file);
      this.options.onError(error as Error);
    }
  }
}

function endsLine(file: number, size: number): boolean {
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, size - 1);
  return last.toString() === '\n';
}
