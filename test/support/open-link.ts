import type { Link, Transport } from '../../src/at';
import { Condition } from './condition';
import { quiet } from './quiet';

/** A link with the events that it has reported so far. */
export class OpenLink {
  readonly reasons: string[] = [];
  private bytes = Buffer.alloc(0);
  private readonly condition = new Condition(() => JSON.stringify(this.bytes.toString('latin1')));
  link!: Link;

  static async to(transport: Transport): Promise<OpenLink> {
    const open = new OpenLink();
    open.link = await transport.open({
      data: (chunk) => {
        open.bytes = Buffer.concat([open.bytes, chunk]);
        open.condition.changed();
      },
      closed: ({ message }) => {
        open.reasons.push(message);
        open.condition.changed();
      },
    });
    return open;
  }

  async received(length: number): Promise<Buffer> {
    await this.condition.until(() => this.bytes.length >= length);
    return this.bytes;
  }

  async closed(): Promise<string> {
    await this.condition.until(() => this.reasons.length > 0);
    // Any further event about its end would come now.
    await quiet();
    return this.reasons.join(' | ');
  }
}
