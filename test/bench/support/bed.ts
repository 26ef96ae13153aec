/**
 * The same for every contender:
 *
 *     peers in this process ─TCP─ qfwd-simulator ─tty─ contender
 *                                  a process            a process
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ContenderName, FamilyName } from '../contenders/contender';
import type { Call, Reply, Worker, WorkerConfig } from '../contenders/worker';
import { freePort } from '../../support/free-port';
import { acceptGauge, connectGauge, type Gauge } from './gauge';

export interface Place {
  /** Of the package. */
  readonly root: string;
  /** Where the benchmark was built to, and the serial nodes are installed. */
  readonly cache: string;
  /** Where to write CPU profiles, if anywhere. */
  readonly profile?: string | undefined;
}

export interface BedOptions {
  readonly contender: ContenderName;
  /** Of the line, in bit/s; 0 = not paced. */
  readonly baud?: number;
  /** ms before each prompt and each answer. */
  readonly answerDelay?: number;
  /** Commands of the module; `qfwd` if missing. */
  readonly family?: FamilyName;
  /** Whether there is a second AT port, used at the same time. */
  readonly isParallel?: boolean;
  /** Counts commands; see {@link Bed.commands}. */
  readonly trace?: boolean;
}

/** The socket id of the first connection of AT+QFWD…; the next one has the next. */
export const FIRST_ID = 2;
/** The same of AT+QI…; the next one has the one before. */
const LAST_ID = 11;

export class Bed {
  readonly peers: Gauge[] = [];
  /** Commands that the module was given, where they are counted. */
  commands = 0;
  private readonly waiting = new Map<number, (reply: Reply) => void>();
  private calls = 0;
  private accept = (): Promise<Gauge> => connectGauge(this.port);

  private constructor(
    readonly contender: ContenderName,
    readonly firstId: number,
    private readonly folder: string,
    private readonly simulator: ChildProcess,
    private readonly worker: ChildProcess,
    private readonly port: number,
  ) {
    worker.on('message', (reply: Reply) => this.waiting.get(reply.id)?.(reply));
    worker.on('exit', (code) => {
      for (const [id, settle] of this.waiting)
        settle({ id, error: `${contender} has ended: ${String(code)}` });
    });
    // However this process ends, they do not stay; the simulator takes its tty away with it.
    process.once('exit', this.kill);
    simulator.stderr?.setEncoding('latin1').on('data', (text: string) => {
      this.commands += text.split('< "AT').length - 1;
    });
  }

  static async make(
    place: Place,
    { contender, baud = 0, answerDelay = 0, family = 'qfwd', isParallel = false, trace = false }: BedOptions,
  ): Promise<Bed> {
    const folder = await mkdtemp(path.join(tmpdir(), 'qfwd-bench-'));
    const tty = path.join(folder, 'tty');
    const second = isParallel ? path.join(folder, 'second') : undefined;
    const profiling = (name: string) =>
      place.profile
        ? [
            '--cpu-prof',
            '--cpu-prof-dir',
            place.profile,
            '--cpu-prof-name',
            `${name}-${folder.slice(-6)}.cpuprofile`,
          ]
        : [];
    const cli = path.join(place.root, 'dist/src/simulator/cli.js');
    const simulator = spawn(
      process.execPath,
      [
        ...profiling(`${contender}-simulator`),
        cli,
        '--pty',
        tty,
        ...(second === undefined ? [] : ['--second-pty', second]),
        ...['--baud', String(baud), '--answerDelay', String(answerDelay), '--family', family],
        ...(trace ? ['--trace'] : []),
      ],
      { stdio: ['ignore', 'pipe', trace ? 'pipe' : 'inherit'] },
    );
    await Promise.race([
      published(simulator, second === undefined ? 1 : 2),
      once(simulator, 'exit').then(() => Promise.reject(new Error('the simulator did not start'))),
    ]);
    const config: WorkerConfig = {
      contender,
      family,
      root: place.root,
      serialNodes: path.join(place.cache, 'serial-nodes'),
    };
    const worker = fork(path.join(place.cache, 'worker.js'), [JSON.stringify(config)], {
      execArgv: ['--expose-gc', ...profiling(contender)],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const port = await freePort();
    const firstId = family === 'qfwd' ? FIRST_ID : LAST_ID;
    const bed = new Bed(contender, firstId, folder, simulator, worker, port);
    if (contender === 'outward') bed.accept = await acceptGauge(port);
    await bed.call('open', tty, port, second);
    return bed;
  }

  /** Has the contender do something. */
  call<Method extends keyof Worker>(
    method: Method,
    ...args: Parameters<Worker[Method]>
  ): ReturnType<Worker[Method]> {
    const id = ++this.calls;
    const reply = new Promise<unknown>((resolve, reject) => {
      this.waiting.set(id, ({ value, error }) => {
        this.waiting.delete(id);
        if (error === undefined) resolve(value);
        else reject(new Error(error));
      });
    });
    const call: Call = { id, method, args };
    this.worker.send(call);
    return reply as ReturnType<Worker[Method]>;
  }

  /** Connects peers until there are so many, each known to the contender. */
  async connect(count = 1): Promise<void> {
    while (this.peers.length < count) {
      const peer = await this.accept();
      this.peers.push(peer);
      const heard = this.contender === 'forward' ? peer.received(1) : this.call('receive', 1);
      peer.write(Buffer.from('.'));
      await heard;
    }
  }

  get pids(): { readonly contender: number; readonly simulator: number } {
    return { contender: this.worker.pid ?? 0, simulator: this.simulator.pid ?? 0 };
  }

  private readonly kill = (): void => {
    this.worker.kill();
    this.simulator.kill();
  };

  async close(): Promise<void> {
    process.off('exit', this.kill);
    for (const peer of this.peers) peer.close();
    if (this.worker.exitCode === null) {
      const exited = once(this.worker, 'exit');
      void this.call('stop').catch(() => undefined);
      await exited;
    }
    if (this.simulator.exitCode === null) {
      this.simulator.kill();
      await once(this.simulator, 'exit');
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Resolves when the simulator has said of so many ports where they are. */
async function published({ stdout }: ChildProcess, count: number): Promise<void> {
  let text = '';
  for await (const chunk of stdout!.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.split('\n').length > count) return;
  }
}
