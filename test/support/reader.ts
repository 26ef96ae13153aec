import type { Readable } from 'node:stream';

import { Condition } from './condition';

/** Text from a stream, to be awaited by its content. Bytes are latin1 characters. */
export class Reader {
  private text = '';
  private readonly condition = new Condition(() => JSON.stringify(this.text));

  constructor(stream: Readable) {
    stream.on('data', (bytes: Buffer) => {
      this.text += bytes.toString('latin1');
      this.condition.changed();
    });
  }

  /** Text that was not taken yet. */
  get pending(): string {
    return this.text;
  }

  /** Takes everything up to and including the first match. */
  async until(wanted: RegExp | string): Promise<string> {
    const end = () => {
      if (typeof wanted !== 'string') {
        const match = wanted.exec(this.text);
        return match ? match.index + match[0].length : -1;
      }
      const at = this.text.indexOf(wanted);
      return at < 0 ? -1 : at + wanted.length;
    };
    await this.condition.until(() => end() >= 0);
    const taken = this.text.slice(0, end());
    this.text = this.text.slice(taken.length);
    return taken;
  }
}
