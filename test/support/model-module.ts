import type { Clock, Link } from '../../src/at';

/** What a command line means to the module. */
export interface Meaning {
  /** Everything of the answer before the final result code, as it goes over the line. */
  readonly information?: Buffer;
  /** `OK` unless said otherwise. */
  readonly result?: string;
  /** Prompts for a body that ends with Ctrl-Z. */
  readonly takesBody?: boolean;
}

/** What goes wrong with one command. */
export interface Mishap {
  /** ms until the module answers. */
  readonly delay?: number;
  /** ms between the information and the final result code. */
  readonly pause?: number;
  /** What gets lost on the way: to the module, or from it. */
  readonly lost?: 'command' | 'prompt' | 'information' | 'result' | 'answer';
}

/** How a module reads command lines and frames what it says (V.250 6.2). */
export interface LineSettings {
  /** No result codes. */
  readonly Q: number;
  /** 0: result codes are numbers. */
  readonly V: number;
  /** The characters that end a line, that follow it in what the module says, and that delete the one before. */
  readonly S3: number;
  readonly S4: number;
  readonly S5: number;
}

const USUAL: LineSettings = { Q: 0, V: 1, S3: 13, S4: 10, S5: 8 };
const SETTING = /([EQV])([01])|(S[345])=(\d+)/g;
const NUMBERS = new Map([
  ['OK', '0'],
  ['ERROR', '4'],
]);

const CTRL_Z = 0x1a;
const ESC = 0x1b;

/**
 * A module as V.250 has it, at the other end of a link: it executes command lines strictly one after the other, however
 * late, and answers them in that order.
 */
export class ModelModule implements Link {
  /** Command lines in the order in which they were executed. */
  readonly executed: string[] = [];
  /** The bodies that were taken, each after its command line. */
  readonly bodies: (readonly [command: string, body: Buffer])[] = [];
  /** Everything written, in the pieces in which it was. */
  readonly written: Buffer[] = [];
  /** Bytes for the host. */
  send: (bytes: Buffer) => void = () => undefined;

  private input = Buffer.alloc(0);
  private isBusy = false;
  private prompted: { command: string; mishap: Mishap; meaning: Meaning } | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly meaningOf: (command: string) => Meaning,
    /** Asked once for each command line. */
    private readonly mishapOf: (command: string) => Mishap = () => ({}),
    /** As somebody left them. */
    public settings: LineSettings = USUAL,
  ) {}

  write(bytes: Buffer): void {
    this.written.push(bytes);
    this.input = Buffer.concat([this.input, bytes]);
    this.work();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Everything written, as text. */
  get text(): string {
    return Buffer.concat(this.written).toString('latin1');
  }

  private work(): void {
    while (!this.isBusy) {
      const end = this.input.findIndex((byte) =>
        this.prompted ? byte === CTRL_Z || byte === ESC : byte === this.settings.S3,
      );
      if (end < 0) return;
      const taken = this.input.subarray(0, end);
      const isCancelled = this.input[end] === ESC;
      this.input = this.input.subarray(end + 1);
      if (this.prompted) this.endBody(taken, isCancelled);
      else this.execute(this.commandLine(taken));
    }
  }

  /** What comes before AT is ignored, and so is LF. */
  private commandLine(bytes: Buffer): string {
    let line = '';
    for (const character of bytes.toString('latin1').replaceAll('\x1b', '')) {
      if (character.charCodeAt(0) === this.settings.S5) line = line.slice(0, -1);
      else if (character !== '\n') line += character;
    }
    return line.trim();
  }

  private execute(command: string): void {
    if (command === '') return;
    if (/^AT[EQVS]/.test(command)) return this.set(command);
    const mishap = this.mishapOf(command);
    if (mishap.lost === 'command') return;
    this.executed.push(command);
    const meaning = this.meaningOf(command);
    this.later(mishap.delay ?? 0, () => {
      if (!meaning.takesBody) return this.answer(meaning, mishap);
      this.prompted = { command, mishap, meaning };
      if (mishap.lost !== 'prompt') this.send(Buffer.from('\r\n> '));
    });
  }

  private endBody(body: Buffer, isCancelled: boolean): void {
    const { command, mishap, meaning } = this.prompted!;
    this.prompted = undefined;
    if (isCancelled) return this.answer({}, {});
    this.bodies.push([command, body]);
    this.later(mishap.delay ?? 0, () => this.answer(meaning, mishap));
  }

  private set(command: string): void {
    const rest = command.slice(2).replace(SETTING, '');
    for (const [, name = '', value, register = name, number = value] of command.matchAll(SETTING)) {
      this.settings = { ...this.settings, [register]: Number(number) };
    }
    this.later(0, () => this.answer(rest === '' ? {} : { result: 'ERROR' }, {}));
  }

  private answer({ information, result = 'OK' }: Meaning, { lost, pause = 0 }: Mishap): void {
    const said = lost === 'information' || lost === 'answer' ? undefined : information;
    const { Q, V } = this.settings;
    const isSilent = Q === 1 || lost === 'result' || lost === 'answer';
    const final = Buffer.from(V === 1 ? `\r\n${result}\r\n` : `${NUMBERS.get(result) ?? '4'}\r`);
    const parts = [said, isSilent ? undefined : final].filter((part) => part !== undefined);
    if (pause === 0) return this.say(parts);
    this.say(parts.slice(0, -1));
    this.later(pause, () => this.say(parts.slice(-1)));
  }

  private say(parts: readonly Buffer[]): void {
    if (parts.length > 0) this.send(this.framed(Buffer.concat(parts)));
  }

  private framed(bytes: Buffer): Buffer {
    const { S3, S4 } = this.settings;
    if (S3 === USUAL.S3 && S4 === USUAL.S4) return bytes;
    const characters: Record<number, number> = { [USUAL.S3]: S3, [USUAL.S4]: S4 };
    return Buffer.from(bytes.map((byte) => characters[byte] ?? byte));
  }

  private later(delay: number, action: () => void): void {
    this.isBusy = true;
    this.clock.after(delay, () => {
      this.isBusy = false;
      action();
      this.work();
    });
  }
}

/** Information responses as the module sends them. */
export function information(...lines: string[]): Buffer {
  return Buffer.from(lines.map((line) => `\r\n${line}\r\n`).join(''), 'latin1');
}

/** The answer of queries that a driver may ask to see whether the module is there; ERROR to all others. */
export function commonMeaning(command: string): Meaning {
  const name = /^AT(\+CMEE|\+CSQ|\+IPR|\+IFC)\??$/.exec(command)?.[1];
  return name ? { information: information(`${name}: 1`) } : { result: 'ERROR' };
}
