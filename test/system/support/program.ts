import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Scope } from './scope';

export const root = path.resolve(__dirname, '../../..');

/** How long a program may take to end by itself at the end of a test, in milliseconds. */
const graceTime = 5000;

export interface ProgramOptions {
  cwd?: string;
  env?: Record<string, string>;
}

/** A program running in a process group of its own, which ends with the scope at the latest. */
export class Program {
  /** Everything it wrote so far, stdout and stderr as they came. */
  output = '';
  /** Its exit code; undefined if a signal ended it. Rejects if it could not be started. */
  readonly exited: Promise<number | undefined>;
  private readonly process: ChildProcessWithoutNullStreams;

  constructor(
    scope: Scope,
    private readonly command: string,
    args: string[],
    { cwd = root, env = {} }: ProgramOptions = {},
  ) {
    // Node-RED logs in the language of the environment.
    const language = { LC_ALL: 'en_US.UTF-8' };
    this.process = spawn(command, args, {
      cwd,
      env: { ...process.env, ...language, ...env },
      detached: true,
    });
    this.exited = once(this.process, 'close').then(([code]) => (typeof code === 'number' ? code : undefined));
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    const kill = () => this.signal('SIGKILL');
    process.once('exit', kill);
    scope.defer(async () => {
      process.off('exit', kill);
      this.signal('SIGTERM');
      const timer = setTimeout(kill, graceTime);
      await this.exited.finally(() => clearTimeout(timer));
    });
    scope.explain(() => `── ${[command, ...args].join(' ')}\n${this.output}`);
  }

  get pid(): number {
    if (this.process.pid === undefined) throw new Error(`${this.command} could not be started`);
    return this.process.pid;
  }

  write(text: string): void {
    this.process.stdin.write(text);
  }

  /** Sends a signal to the whole group, as a terminal does on Ctrl-C. */
  signal(name: NodeJS.Signals): void {
    if (this.process.pid === undefined) return;
    try {
      process.kill(-this.process.pid, name);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }

  /** Resolves once the output matches; rejects if the program ends or `limit` ms pass before. */
  async waitFor(pattern: RegExp, limit = 60_000): Promise<void> {
    const { stdout, stderr } = this.process;
    await new Promise<void>((resolve, reject) => {
      const settle = (outcome: () => void) => {
        clearTimeout(timer);
        for (const stream of [stdout, stderr]) stream.off('data', look);
        outcome();
      };
      const fail = (why: string) => {
        settle(() => reject(new Error(`${this.command} ${why} before it wrote ${String(pattern)}`)));
      };
      const look = () => {
        if (pattern.test(this.output)) settle(resolve);
      };
      const timer = setTimeout(() => fail(`took more than ${limit} ms`), limit);
      for (const stream of [stdout, stderr]) stream.on('data', look);
      this.exited.then(
        () => fail('ended'),
        (error: unknown) => fail(String(error)),
      );
      look();
    });
  }
}
