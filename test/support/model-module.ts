import type { Clock, Link } from '../../src/at';

/** What a command line means to the module. */
export interface Meaning {
  /** The response before the final result code, as it is sent over the line. */
  readonly information?: Buffer;
  /** `OK` by default. */
  readonly result?: string;
  /** Prompts for a body that ends with Ctrl-Z. */
  readonly takesBody?: boolean;
}

/** A fault of one command. */
export interface Mishap {
  /** ms until the module answers. */
  readonly delay?: number;
  /** ms between the information and the final result code. */
  readonly pause?: number;
  /** What is lost on the line: the command, or its response. */
  readonly lost?: 'command' | 'prompt' | 'information' | 'result' | 'answer';
}

/** How a module parses command lines and formats responses (V.250 6.2). */
export interface LineSettings {
  /** No result codes. */
  readonly Q: number;
  /** 0: result codes are numbers. */
  readonly V: number;
  /** The character that ends a command line, the one after it in responses, and the one for backspace. */
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
 * A module according to V.250, at the other end of a link: it executes one command line after the other, however late, and
 * responds in that order.
 */
export class ModelModule implements Link {
  /** Command lines in the order in which they were executed. */
  readonly executed: string[] = [];
  /** Received bodies, each with its command line. */
  readonly bodies: (readonly [command: string, body: Buffer])[] = [];
  /** Everything that was written, in the pieces in which it was. */
  readonly written: Buffer[] = [];
  /** Bytes for the host. */
  send: (bytes: Buffer) => void = () => undefined;

  private input = Buffer.alloc(0);
  private isBusy = false;
  private prompted: { command: string; mishap: Mishap; meaning: Meaning } | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly meaningOf: (command: string) => Meaning,
    /** Called once for each command line. */
    private readonly mishapOf: (command: string) => Mishap = () => ({}),
    /** The settings that an earlier user has left. */
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

  /** Bytes before AT are ignored, and so is LF. */
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

/** Responses to queries with which a driver checks that the module responds; ERROR to all others. */
export function commonMeaning(command: string): Meaning {
  const name = /^AT(\+CMEE|\+CSQ|\+IPR|\+IFC)\??$/.exec(command)?.[1];
  return name ? { information: information(`${name}: 1`) } : { result: 'ERROR' };
}
