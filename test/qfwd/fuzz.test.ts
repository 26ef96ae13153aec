/** Bytes that no module would say. FUZZ_BYTES says how many of them; see `npm run test:system`. */
import assert from 'node:assert/strict';
import fc from 'fast-check';

import { AtError, Channel, type Command, type Link, Scanner } from '../../src/at';
import { type Expectation, MAX_LINE_BYTES } from '../../src/at/scanner';
import { MAX_TEXT } from '../../src/at/text';
import { closeSocket, openServer, receive, send } from '../../src/qfwd/commands';
import { listClients, listConnections, listServers, queueFigures, urcPortOf } from '../../src/qfwd/queries';
import { decodeUrc, isUnsolicited } from '../../src/qfwd/urc';
import { MANUAL } from '../../src/qfwd/dialect';
import { ManualClock } from '../support/manual-clock';
import { commonMeaning } from '../support/model-module';

const BYTES = Number(process.env.FUZZ_BYTES ?? 600_000);
/** Of one piece, at most. */
const LONGEST = 3000;
const PIECES = 12;

/** What a module says, to be mutated. */
const SAYINGS = [
  '\r\nOK\r\n',
  '\r\nERROR\r\n',
  '\r\n+CME ERROR: 10\r\n',
  '\r\n> ',
  '\r\nRDY\r\n',
  '\r\n+QFWDURC: "server/open",1,0\r\n',
  '\r\n+QFWDURC: "client/open",9,0\r\n',
  '\r\n+QFWDURC: "client/incoming",1,2,"192.168.225.58",56784,"0.0.0.0",2020\r\n',
  '\r\n+QFWDURC: "client/read",3,1024\r\n',
  '\r\n+QFWDURC: "client/close",3\r\n',
  '\r\n+QFWDRECV: 3,18\r\ntest, data forward\r\n\r\nOK\r\n',
  '\r\n+QFWDRECV: 3,1024\r\nshort',
  '\r\n+QFWDRECV: 3,4294967295\r\n',
  '\r\n+QFWDACK: 3,0,16384,16384,0,16384,16384\r\n',
  '\r\n+QFWDSEVER: 1,"tcp",2020,"usbat"\r\n',
  '\r\n+QFWDCLIENT: 2,"income","tcp","192.168.225.58",56784,"0.0.0.0",2020,"usbat"\r\n',
  '\r\n+QFWDSTATE: 1,2,"192.168.225.58",56784,"0.0.0.0",2020\r\n',
  '\r\n+QFWDSEND: 3,1024\r\n',
  '\r\n+QFWDCFG: "urc",1,"usbat"\r\n',
  '\r\n+CMEE: 1\r\n\r\nOK\r\n',
  '\r\n+CMT: "+49170",,"26/11/28,10:00:00+04",145,4,0,0,"+49171",145,4\r\nRDY!\r\n',
  '\r\n+CMT: ,24\r\n07911326040000F0040B911346610089F6\r\n',
  '\r\n+CMGL: 1,"REC READ","+49170",,"26/11/28"\r\nOK\r\n',
  '\r\n+CUSD: 1,"Menu\r\n1. x\r\nOK\r\n",15\r\n',
  'AT+QFWDRECV=3,1024\r',
  '","","",,,""\r\n',
];

const COMMANDS: Command[] = [
  receive(MANUAL, 3, 1024),
  send(3, { bytes: Buffer.from('a payload'), format: 'raw', form: 'fixed' }),
  send(3, { bytes: Buffer.from('a payload'), format: 'hex', form: 'variable' }),
  listServers(MANUAL),
  listClients(),
  listConnections(MANUAL, 1),
  queueFigures(3),
  urcPortOf(1),
  closeSocket(MANUAL, 3),
  openServer(MANUAL, {
    socketId: 1,
    pdpCid: 0,
    ipVersion: 'IP',
    protocol: 'tcp',
    port: 2020,
    backlog: 5,
    idleTimeout: 60,
    urcPort: 'usbat',
  }),
  { text: 'AT+RAW', decode: ({ lines }) => lines },
];

/** A piece of the stream: bytes at random, or a saying with some of its bytes changed, lost or doubled. */
interface Piece {
  readonly saying: number;
  readonly seed: number;
  readonly length: number;
  /** ms until it comes. */
  readonly pause: number;
  readonly command: number;
}

const piece: fc.Arbitrary<Piece> = fc.record({
  saying: fc.integer({ min: -SAYINGS.length, max: SAYINGS.length - 1 }),
  seed: fc.integer({ min: 1, max: 2 ** 31 }),
  length: fc.integer({ min: 1, max: LONGEST }),
  pause: fc.constantFrom(0, 0, 0, 0, 30, 2000, 6000),
  command: fc.nat(COMMANDS.length - 1),
});
const stream = fc.array(piece, { minLength: PIECES / 2, maxLength: PIECES });

function bytesOf({ saying, seed, length }: Piece): Buffer {
  const random = randomFrom(seed);
  if (saying < 0) return Buffer.from(Array.from({ length }, () => random(256)));
  const said = Buffer.from(SAYINGS[saying]!.repeat(1 + (length % 20)), 'latin1');
  const mutated: number[] = [];
  for (const byte of said) {
    const chance = random(60);
    if (chance === 0) continue;
    mutated.push(chance === 1 ? random(256) : byte);
    if (chance === 2) mutated.push(byte);
  }
  return Buffer.from(mutated);
}

/** Xorshift: as good as needed, and fast. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Runs a property until so many bytes have gone through it. */
async function fuzz(check: (pieces: readonly Piece[]) => Promise<number>): Promise<void> {
  let bytes = 0;
  const property = fc.asyncProperty(stream, async (pieces) => {
    bytes += await check(pieces);
  });
  while (bytes < BYTES) await fc.assert(property, { numRuns: 20 });
}

describe('Any bytes', () => {
  it('are accepted by the scanner, which keeps no more of them than one line', async () => {
    await fuzz((pieces) => {
      const scanner = new Scanner();
      let bytes = 0;
      for (const it of pieces) {
        const chunk = bytesOf(it);
        bytes += chunk.length;
        scanner.feed(chunk);
        const expected = expectationOf(it);
        let taken = 0;
        while (scanner.next(expected)) assert.ok(++taken <= bytes, 'tokens without end');
      }
      const due = expectationOf(pieces.at(-1)!).block ?? 0;
      const kept = scanner.drop();
      assert.ok(kept <= Math.max(MAX_LINE_BYTES, due) + 2, `${kept} bytes were kept`);
      return Promise.resolve(bytes);
    });
  }).timeout(120_000);

  it('are decoded as a URC or as none', async () => {
    await fuzz((pieces) => {
      let bytes = 0;
      for (const it of pieces) {
        const text = bytesOf(it).toString('latin1');
        bytes += text.length;
        for (const line of text.split(/[\r\n]+/)) {
          const urc = decodeUrc(line);
          if (urc.event === 'other') assert.equal(urc.line, line);
          else assert.ok('socketId' in urc && Number.isSafeInteger(urc.socketId));
          decodeUrc(`+QFWDURC: ${line}`);
        }
      }
      return Promise.resolve(bytes);
    });
  }).timeout(120_000);

  it('cause no wrong response for long: after the next fence the line is synchronized', async () => {
    await fuzz(async (pieces) => {
      const line = new Line();
      let bytes = 0;
      for (const it of pieces) {
        line.execute(COMMANDS[it.command]!);
        await line.clock.advance(it.pause);
        const chunk = bytesOf(it);
        bytes += chunk.length;
        for (let at = 0; at < chunk.length; at += 700) line.channel.receive(chunk.subarray(at, at + 700));
      }
      await line.recovers();
      return bytes;
    });
  }).timeout(240_000);
});

/** What may come next differs from piece to piece. */
function expectationOf({ seed, length }: Piece): Expectation {
  return [{}, { prompt: true }, { block: 1 + (length % 1024) }, { echo: Buffer.from('> OK'), prompt: true }][
    seed % 4
  ]!;
}

/** A channel to a module that babbles until it is healthy. */
class Line implements Link {
  readonly clock = new ManualClock();
  channel = this.open();
  private isHealthy = false;
  private givenUp = 0;
  private readonly settling: Promise<unknown>[] = [];

  private open(): Channel {
    return new Channel(this, {
      clock: this.clock,
      timeout: 5000,
      isUnsolicited,
      onUnsolicited: (text) => assert.ok(text.length <= MAX_TEXT + 2 * MAX_LINE_BYTES),
      onResync: () => undefined,
      onFailed: () => {
        // The last fence may have been out already.
        if (this.isHealthy) assert.equal(++this.givenUp, 1, 'a healthy module was given up');
        this.channel = this.open();
      },
    });
  }

  execute(command: Command): void {
    const onError = (error: unknown): void => assert.ok(error instanceof AtError, String(error));
    this.settling.push(this.channel.execute(command).then(() => undefined, onError));
  }

  write(bytes: Buffer): void {
    if (!this.isHealthy) return;
    const text = bytes.toString('latin1');
    const command = /AT[^\r]*(?=\r)/.exec(text)?.[0];
    if (command === undefined) return;
    const ping = /^AT\+PING=(\d+)$/.exec(command)?.[1];
    const { information, result = 'OK' } =
      ping === undefined ? commonMeaning(command) : { information: Buffer.from(`\r\n+PING: ${ping}\r\n`) };
    this.clock.after(1, () => {
      this.channel.receive(Buffer.concat([information ?? Buffer.alloc(0), Buffer.from(`\r\n${result}\r\n`)]));
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** From now on the module answers; what was under way has ended within a minute or so, and every answer is its own. */
  async recovers(): Promise<void> {
    this.isHealthy = true;
    const ended: unknown[] = [];
    for (const it of this.settling) void it.then(() => ended.push(it));
    const isOver = () => ended.length === this.settling.length;
    for (let seconds = 0; !isOver() && seconds < 300; seconds++) await this.clock.advance(1000);
    assert.ok(isOver(), 'a command never ended');
    await Promise.all(this.settling);
    for (let number = 1; number <= 2; number++) {
      const pong = this.channel.execute<string>({
        text: `AT+PING=${number}`,
        responsePrefixes: ['+PING:'],
        decode: ({ lines }) => lines.join('|'),
      });
      await this.clock.advance(10);
      assert.equal(await pong, `+PING: ${number}`);
    }
    this.channel.close(new Error('end'));
    assert.equal(this.clock.pending, 0, 'timers were left');
  }
}
