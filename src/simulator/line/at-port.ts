import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

import { ByteQueue } from '../byte-queue';
import { errorResult } from '../errors';
import type { PortName, SimulatorOptions } from '../options';
import { CommandLine } from './command-line';
import { DataPhase, type Body, type BodyRules } from './data-phase';
import type { Exchange, PortSettings } from './exchange';
import { FaultStack } from './faults';
import { textPacket, type Packet } from './packet';
import { initialSettings } from './port-settings';

/** What an AT port needs from the module. */
export interface PortOwner {
  readonly options: SimulatorOptions;
  /** Executes a command line; an error that it throws becomes the final result code. */
  execute(line: string, exchange: Exchange): Promise<void>;
  /** Sends bytes to the host of `port`, one call per chunk. */
  output(port: PortName, bytes: Buffer): void;
  /** Called after input was processed: there may be room for more. */
  inputTaken(port: PortName): void;
}

/**
 * One AT port, with bytes in and bytes out. While a command runs, input is queued, so commands never overlap:
 *
 *                 ┌────────── final result ◀──────────┐
 *     bytes ──▶ line ──CR──▶ running ──prompt──▶ data phase
 */
export class AtPort {
  readonly faults = new FaultStack();
  readonly settings: PortSettings;

  readonly #name: PortName;
  readonly #owner: PortOwner;
  readonly #input = new ByteQueue();
  readonly #line = new CommandLine();
  #running: Running | undefined;
  #heldUrcs: Packet[] = [];
  #on = true;

  constructor(name: PortName, owner: PortOwner) {
    this.#name = name;
    this.#owner = owner;
    this.settings = initialSettings(owner.options);
  }

  /** Input that arrived while a command runs. */
  get queued(): number {
    return this.#input.length;
  }

  receive(bytes: Buffer): void {
    if (!this.#on) return;
    this.#input.push(this.faults.receive(bytes));
    this.#pump();
  }

  /** Sends a URC, after the end of a data phase if one is in progress. */
  urc(text: string): void {
    const packet = textPacket('urc', text);
    if (this.#running?.dataPhase) this.#heldUrcs.push(packet);
    else this.#emit([packet]);
  }

  /** Aborts the running command, discards input and settings, and ignores further input until {@link powerOn}. */
  powerOff(): void {
    this.#on = false;
    this.#running?.abort.abort();
    this.#running = undefined;
    this.#heldUrcs = [];
    this.#input.clear();
    this.#line.reset();
    Object.assign(this.settings, initialSettings(this.#owner.options));
  }

  powerOn(): void {
    this.#on = true;
  }

  #pump(): void {
    for (let input = this.#input.first; input; input = this.#input.first) {
      if (this.#running?.dataPhase) this.#takeBody(this.#running, input);
      else if (this.#running) break;
      else this.#takeLine(input);
    }
    this.#owner.inputTaken(this.#name);
  }

  #takeLine(input: Buffer): void {
    const { used, echo, line } = this.#line.take(input);
    this.#input.skip(used);
    if (this.settings.echo && echo.length > 0) this.#emit([{ kind: 'echo', bytes: echo }]);
    if (line !== undefined) void this.#run(line);
  }

  #takeBody(running: Running, input: Buffer): void {
    const { used, body } = running.dataPhase?.collector.take(input) ?? { used: 0 };
    this.#input.skip(used);
    if (this.settings.echo && this.#owner.options.bodyEcho) {
      this.#emit([{ kind: 'echo', bytes: input.subarray(0, used) }]);
    }
    if (body === undefined) return;
    const ended = running.dataPhase?.ended;
    running.dataPhase = undefined;
    this.#emit(this.#heldUrcs.splice(0));
    ended?.(body);
  }

  async #run(line: string): Promise<void> {
    const running = new Running();
    this.#running = running;
    const answer = this.#answerTo(running);
    let result = 'OK';
    await turn(); // a host that sends commands without pause must not starve the sockets
    try {
      if (running.abort.signal.aborted) return;
      await this.#owner.execute(line, answer);
    } catch (error) {
      result = errorResult(error, this.settings.cmee);
    }
    await this.#delay(running);
    if (running.abort.signal.aborted) return;
    this.#emit([...running.answer, ...resultPackets(result, this.settings)]);
    this.#running = undefined;
    running.afterResult.forEach((action) => action());
    this.#pump();
  }

  #answerTo(running: Running): Exchange {
    return {
      port: this.#name,
      settings: this.settings,
      info: (text) => void running.answer.push(textPacket('info', text)),
      block: (header, data) => {
        const bytes = Buffer.concat([Buffer.from(`\r\n${header}\r\n`), data, Buffer.from('\r\n')]);
        running.answer.push({ kind: 'block', bytes });
      },
      body: (rules) => this.#prompt(running, rules),
      after: (action) => void running.afterResult.push(action),
    };
  }

  async #prompt(running: Running, rules: BodyRules): Promise<Body> {
    await this.#delay(running);
    if (running.abort.signal.aborted) return 'cancelled';
    this.#emit([{ kind: 'prompt', bytes: Buffer.from(this.#owner.options.prompt) }]);
    return new Promise((ended) => {
      running.dataPhase = { collector: new DataPhase(rules), ended };
      this.#pump();
    });
  }

  async #delay(running: Running): Promise<void> {
    const ms = this.#owner.options.answerDelay + this.faults.delay();
    if (ms > 0) await sleep(ms, undefined, { signal: running.abort.signal }).catch(() => undefined);
  }

  #emit(packets: readonly Packet[]): void {
    if (!this.#on || packets.length === 0) return;
    const bytes = this.faults.send(packets).map((packet) => packet.bytes);
    const whole = bytes.length === 1 && bytes[0] ? bytes[0] : Buffer.concat(bytes);
    if (whole.length === 0) return;
    for (const piece of this.faults.cut(whole)) this.#owner.output(this.#name, piece);
  }
}

/** A command line that is being executed: between its CR and its final result code. */
class Running {
  readonly abort = new AbortController();
  readonly answer: Packet[] = [];
  readonly afterResult: (() => void)[] = [];
  dataPhase: { readonly collector: DataPhase; readonly ended: (body: Body) => void } | undefined;
}

/** V.250 5.7.1: as a number, a result code has no frame but its CR. */
const NUMBERS = new Map([
  ['OK', '0\r'],
  ['ERROR', '4\r'],
]);

function resultPackets(result: string, { verbose, quiet }: PortSettings): Packet[] {
  const number = verbose ? undefined : NUMBERS.get(result);
  if (quiet) return [];
  return [
    number === undefined ? textPacket('result', result) : { kind: 'result', bytes: Buffer.from(number) },
  ];
}
