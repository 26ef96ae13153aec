import { setTimeout as delay } from 'node:timers/promises';

import type { Link, Transport } from '../../src/at';

/** A link with what it has told so far. */
export class OpenLink {
  readonly reasons: string[] = [];
  private bytes = Buffer.alloc(0);
  private look: () => void = () => undefined;
  link!: Link;

  static async to(transport: Transport): Promise<OpenLink> {
    const open = new OpenLink();
    open.link = await transport.open({
      data: (chunk) => {
        open.bytes = Buffer.concat([open.bytes, chunk]);
        open.look();
      },
      closed: ({ message }) => {
        open.reasons.push(message);
        open.look();
      },
    });
    return open;
  }

  async received(length: number): Promise<Buffer> {
    await this.until(() => this.bytes.length >= length);
    return this.bytes;
  }

  async closed(): Promise<string> {
    await this.until(() => this.reasons.length > 0);
    // Whatever else the link may say of its end comes right after.
    await delay(20);
    return this.reasons.join(' | ');
  }

  private until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.look = () => {
        if (holds()) resolve();
      };
      this.look();
    });
  }
}
