import assert from 'node:assert/strict';

import { AtError, Channel, type Command, type Link, plainCommand } from '../../src/at';
import { ManualClock } from './manual-clock';
import { inChunks } from './payloads';

export const TIMEOUT = 5000;
/** The pause of the line after the timeout of a command; then the fence is written. */
export const QUIET = 100;

export const decode: Command['decode'] = ({ lines, block }) => block?.toString('latin1') ?? lines.join('|');
export const query: Command = { ...plainCommand('AT+Q', ['+Q:']), decode };
export const order: Command = { text: 'AT+SET=1', responsePrefixes: [], decode };
export const raw: Command = { text: 'AT+RAW', decode };
export const write: Command = {
  text: 'AT+W',
  responsePrefixes: ['+W:'],
  body: Buffer.from('body\x1a'),
  isComplete: ({ lines }) => lines.length > 0,
  decode,
};
export const read: Command = {
  text: 'AT+R',
  responsePrefixes: ['+R:'],
  block: (line) => Number(line.slice(3)),
  isComplete: ({ block }) => block !== undefined,
  decode,
};

export class ChannelBench implements Link {
  readonly clock = new ManualClock();
  readonly unsolicited: string[] = [];
  onUnsolicited: (line: string) => void = () => undefined;
  readonly failures: AtError[] = [];
  readonly echoes: string[] = [];
  resyncs = 0;
  readonly garbled: number[] = [];
  private readonly written: string[] = [];

  readonly channel = new Channel(this, {
    clock: this.clock,
    timeout: TIMEOUT,
    isUnsolicited: (line) => line.startsWith('+URC'),
    onUnsolicited: (line) => {
      this.unsolicited.push(line);
      this.onUnsolicited(line);
    },
    onResync: () => (this.resyncs += 1),
    onGarbled: (inARow) => void this.garbled.push(inARow),
    onEcho: (text) => void this.echoes.push(text),
    onFailed: (reason) => void this.failures.push(reason),
  });

  write(bytes: Buffer): void {
    this.written.push(bytes.toString('latin1'));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Asserts that exactly this was written since the last call. */
  wrote(...expected: string[]): void {
    assert.deepEqual(this.written.splice(0), expected);
  }

  /** Lets time pass until this is written, whatever is written before. */
  async untilWrote(expected: string): Promise<void> {
    while (!this.written.splice(0).includes(expected)) {
      assert.ok(this.clock.pending > 0, `${JSON.stringify(expected)} is not written`);
      await this.clock.advance(this.clock.untilNext);
    }
  }

  say(...lines: string[]): void {
    this.sayBytes(lines.map((line) => `\r\n${line}\r\n`).join(''));
  }

  sayBytes(bytes: string, cuts: readonly number[] = []): void {
    for (const chunk of inChunks(Buffer.from(bytes, 'latin1'), cuts)) this.channel.receive(chunk);
  }

  /** Lets a command time out, until its first fence is written. */
  async toFence(): Promise<void> {
    await this.clock.advance(TIMEOUT + QUIET);
  }

  async fails(
    promise: Promise<unknown>,
    failure: AtError['failure'],
    mayHaveHappened: boolean,
  ): Promise<void> {
    await assert.rejects(promise, (error: AtError) => {
      assert.deepEqual([error.failure, error.mayHaveHappened], [failure, mayHaveHappened], error.message);
      return true;
    });
  }

  /** Asserts that the channel is synchronized and idle. */
  async isAlive(): Promise<void> {
    this.written.length = 0;
    const answer = this.channel.execute(query);
    this.wrote('AT+Q\r');
    this.say('+Q: alive', 'OK');
    assert.equal(await answer, '+Q: alive');
    this.channel.close(new Error('end of test'));
    assert.equal(this.clock.pending, 0);
  }
}
