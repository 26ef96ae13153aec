import { EventEmitter } from 'node:events';

import type { Link, LinkEvents, Transport } from '../../../src/at';

/** An AT port whose module is played by the test, line by line, where the order of every byte matters. */
export class ScriptedModule implements Transport {
  readonly name = 'a script';
  /** Command lines, in order. */
  readonly commands: string[] = [];
  /** Sees each command line before it is answered. */
  onCommand: ((line: string) => void) | undefined;
  private readonly emitter = new EventEmitter();
  private events: LinkEvents | undefined;
  private pending = '';

  /** @param answer says what follows a command line; nothing when it is `undefined` */
  constructor(private readonly answer: (command: string) => string | undefined) {}

  open(events: LinkEvents): Promise<Link> {
    this.events = events;
    return Promise.resolve({
      write: (bytes) => this.take(bytes.toString('latin1')),
      close: () => Promise.resolve(),
    });
  }

  /** Sends text to the driver, as it stands. */
  say(text: string): void {
    this.events?.data(Buffer.from(text, 'latin1'));
  }

  /** The link breaks. */
  lose(): void {
    this.events?.closed(new Error('the script says so'));
  }

  /** Resolves when this command has come. */
  async command(text: string): Promise<void> {
    while (!this.commands.includes(text))
      await new Promise((resolve) => this.emitter.once('command', resolve));
  }

  private take(text: string): void {
    // A body ends with Ctrl-Z, and counts as a line.
    const lines = (this.pending + text.replaceAll('\x1a', '\r').replaceAll('\x1b', '')).split('\r');
    this.pending = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') continue;
      this.commands.push(line);
      this.onCommand?.(line);
      const answer = this.answer(line) ?? usual(line);
      setImmediate(() => {
        this.say(answer);
        this.emitter.emit('command');
      });
    }
  }
}

/** A module of chapter 2 of the manual that has nothing. */
function usual(line: string): string {
  if (line.includes(';+')) return '\r\nERROR\r\n';
  if (line === 'AT+CMEE?') return '\r\n+CMEE: 0\r\n\r\nOK\r\n';
  if (line === 'AT+QFWDSEVER=?') return '\r\n+QFWDSEVER: (0-16),a,b,c,d,e,f,g\r\n\r\nOK\r\n';
  return '\r\nOK\r\n';
}
