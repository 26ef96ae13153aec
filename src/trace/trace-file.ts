/** A file for a trace. It has a limited size: when that is reached, it is renamed to `<path>.1`, and a new one begun. */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

export interface TraceFileOptions {
  readonly path: string;
  /** In bytes; with the file before, twice as many are kept. */
  readonly limit?: number;
  /** The first line of each file after the first. */
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

  /** Appends to the file. Errors are reported, and never thrown. */
  constructor(private readonly options: TraceFileOptions) {
    this.attempt(() => this.open());
  }

  write(line: string): void {
    this.attempt(() => {
      if (this.file === undefined) return;
      const { limit = LIMIT } = this.options;
      if (this.size > 0 && this.size + line.length + 1 > limit) this.rotate(this.file);
      this.append(line);
    });
  }

  close(): void {
    const { file } = this;
    this.file = undefined;
    if (file !== undefined) closeSync(file);
  }

  private open(): void {
    this.file = openSync(this.options.path, 'a', MODE);
    this.size = fstatSync(this.file).size;
  }

  private rotate(file: number): void {
    const { path } = this.options;
    closeSync(file);
    this.file = undefined;
    renameSync(path, `${path}.1`);
    this.open();
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
