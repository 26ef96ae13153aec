import { EventEmitter } from 'node:events';

import type { Link, LinkEvents, Transport } from '../../../src/at';

/** An AT port with a scripted module, for tests in which the order of every byte matters. */
export class ScriptedModule implements Transport {
  readonly name = 'a script';
  /** Command lines, in order. */
  readonly commands: string[] = [];
  /** Called with each command line before the response. */
  onCommand: ((line: string) => void) | undefined;
  private readonly emitter = new EventEmitter();
  private events: LinkEvents | undefined;
  private pending = '';

  /** @param answer returns the response to a command line; `undefined`: none */
  constructor(private readonly answer: (command: string) => string | undefined) {}

  open(events: LinkEvents): Promise<Link> {
    this.events = events;
    return Promise.resolve({
      write: (bytes) => this.take(bytes.toString('latin1')),
      close: () => Promise.resolve(),
    });
  }

  /** Sends text to the driver, unchanged. */
  say(text: string): void {
    this.events?.data(Buffer.from(text, 'latin1'));
  }

  /** The link breaks. */
  lose(): void {
    this.events?.closed(new Error('the script says so'));
  }

  /** Resolves when this command was received. */
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

/** A module according to chapter 2 of the manual, without sockets. */
function usual(line: string): string {
  if (line.includes(';+')) return '\r\nERROR\r\n';
  if (line === 'AT+CMEE?') return '\r\n+CMEE: 0\r\n\r\nOK\r\n';
  if (line === 'AT+QFWDSEVER=?') return '\r\n+QFWDSEVER: (0-16),a,b,c,d,e,f,g\r\n\r\nOK\r\n';
  return '\r\nOK\r\n';
}
