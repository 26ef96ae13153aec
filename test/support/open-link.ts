import type { Link, Transport } from '../../src/at';
import { Condition } from './condition';
import { quiet } from './quiet';

/** A link with what it has told so far. */
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
    // Whatever else the link may say of its end comes right after.
    await quiet();
    return this.reasons.join(' | ');
  }
}
