import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

import { ByteQueue } from '../byte-queue';
import { errorResult } from '../errors';
import type { PortName, SimulatorOptions } from '../options';
import { CommandLine } from './command-line';
import { DataPhase, type Body, type BodyRules } from './data-phase';
import { EscapeDetector } from './escape';
import type { DataState, Exchange, Online, PortSettings } from './exchange';
import { FaultStack } from './faults';
import { layOut } from './layout';
import { textPacket, type Packet, type PacketKind } from './packet';
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
  #online: EscapeDetector | undefined;
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

  /**
   * Sends a URC. While data is expected from the host, it is held until the end of that, or lost; while a command line is
   * executed, it may be held until the end of that.
   */
  urc(text: string, inDataPhase: 'held' | 'lost' = 'held'): void {
    const packet = textPacket('urc', text);
    const isDataExpected = this.#running?.dataPhase !== undefined || this.#online !== undefined;
    if (!isDataExpected && !this.#isHolding) this.#emit([packet]);
    else if (!isDataExpected || inDataPhase === 'held') this.#heldUrcs.push(packet);
  }

  /** Aborts the running command, discards input and settings, and ignores further input until {@link powerOn}. */
  powerOff(): void {
    this.#on = false;
    this.#online?.stop();
    this.#online = undefined;
    clearTimeout(this.#running?.dataPhase?.timer);
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
      else if (this.#online) this.#takeData(this.#online, input);
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

  #takeData(online: EscapeDetector, input: Buffer): void {
    this.#input.skip(input.length);
    online.take(input);
  }

  #takeBody(running: Running, input: Buffer): void {
    const { used, body } = running.dataPhase?.collector.take(input) ?? { used: 0 };
    this.#input.skip(used);
    if (running.dataPhase?.echo) this.#emit([{ kind: 'echo', bytes: input.subarray(0, used) }]);
    if (body !== undefined) this.#endBody(running, body);
  }

  #endBody(running: Running, body: Body): void {
    const phase = running.dataPhase;
    running.dataPhase = undefined;
    clearTimeout(phase?.timer);
    if (!this.#isHolding) this.#emit(this.#heldUrcs.splice(0));
    phase?.ended(body);
  }

  async #run(line: string): Promise<void> {
    const running = new Running();
    this.#running = running;
    const answer = this.#answerTo(running);
    await turn(); // a host that sends commands without pause must not starve the sockets
    try {
      running.abort.signal.throwIfAborted();
      await this.#owner.execute(line, answer);
    } catch (error) {
      if (running.abort.signal.aborted) return;
      running.result = errorResult(error, this.settings.cmee);
    }
    await this.#untilDue(running, 1);
    if (running.abort.signal.aborted) return;
    running.answer.push(...resultPackets(running.result, this.settings));
    this.#sendAnswer(running);
    this.#running = undefined;
    this.#online = running.online;
    if (!this.#online) this.#emit(this.#heldUrcs.splice(0));
    running.afterResult.forEach((action) => action());
    this.#pump();
  }

  /**
   * Sends the response to the first `executed` of several commands. The delay is divided equally into the times from each command
   * to its response, and from there to the next command. Rejects if the line is aborted.
   */
  async #sendPart(running: Running, executed: number, commands: number): Promise<void> {
    const times = 2 * commands - 1;
    await this.#untilDue(running, (2 * executed - 1) / times);
    running.abort.signal.throwIfAborted();
    this.#sendAnswer(running);
    await this.#untilDue(running, (2 * executed) / times);
    await turn(); // sockets receive data between two commands, too
    running.abort.signal.throwIfAborted();
  }

  #sendAnswer(running: Running): void {
    const { options } = this.#owner;
    this.#emit(layOut(running.answer, options.layout, running.lastSent));
    running.lastSent = running.answer.at(-1)?.kind ?? running.lastSent;
    running.answer = [];
  }

  #answerTo(running: Running): Exchange {
    return {
      port: this.#name,
      settings: this.settings,
      info: (text) => void running.answer.push(textPacket('info', text)),
      block: (header, data, { before = '\r\n', after = '\r\n' } = {}) => {
        const bytes = Buffer.concat([Buffer.from(`\r\n${header}${before}`), data, Buffer.from(after)]);
        running.answer.push({ kind: 'block', bytes });
      },
      urc: (text) => void running.answer.push(textPacket('urc', text)),
      result: (text) => void (running.result = text),
      partResult: (text) => void running.answer.push(...resultPackets(text, this.settings)),
      sendPart: (executed, commands) => this.#sendPart(running, executed, commands),
      connect: (online) => this.#connect(running, online),
      wait: (ms, done) => running.wait(ms, done),
      body: (rules) => this.#prompt(running, rules),
      after: (action) => void running.afterResult.push(action),
    };
  }

  #connect(running: Running, online: Online): DataState {
    const leave = (result: string): void => {
      if (this.#online !== detector) return;
      detector.stop();
      this.#online = undefined;
      this.#emit([...resultPackets(result, this.settings), ...this.#heldUrcs.splice(0)]);
      this.#pump();
    };
    const detector = new EscapeDetector(
      (data) => online.take(data),
      () => {
        leave('OK');
        online.escaped();
      },
    );
    running.online = detector;
    return { send: (bytes) => this.#emit([{ kind: 'data', bytes }]), end: leave };
  }

  async #prompt(running: Running, rules: BodyRules): Promise<Body> {
    await running.wait(this.#delay());
    if (running.abort.signal.aborted) return 'cancelled';
    this.#emit([{ kind: 'prompt', bytes: Buffer.from(this.#owner.options.prompt) }]);
    return new Promise((ended) => {
      const { echo = false, timeout } = rules;
      const expire = () => this.#endBody(running, 'timed-out');
      const timer = timeout === undefined ? undefined : setTimeout(expire, timeout);
      running.dataPhase = { collector: new DataPhase(rules), echo, timer, ended };
      this.#pump();
    });
  }

  get #isHolding(): boolean {
    return this.#running !== undefined && this.#owner.options.commandUrcs === 'held';
  }

  /** Lets this part of the delay of the response pass, from the end of the first command on. */
  #untilDue(running: Running, part: number): Promise<void> {
    running.delay ??= { since: performance.now(), ms: this.#delay() };
    const { since, ms } = running.delay;
    return running.wait(Math.round(since + ms * part - performance.now()));
  }

  #delay(): number {
    return this.#owner.options.answerDelay + this.faults.delay();
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
  /** What is not sent yet. */
  answer: Packet[] = [];
  /** The last that was sent. */
  lastSent: PacketKind | undefined;
  /** That of the response as a whole. */
  delay: { readonly since: number; readonly ms: number } | undefined;
  readonly afterResult: (() => void)[] = [];
  /** The final result code. */
  result = 'OK';
  dataPhase: DataPhaseOf | undefined;
  /** The port is online when the command has ended. */
  online: EscapeDetector | undefined;

  /** Resolves after `ms`, or earlier when it is aborted or `done` resolves. */
  async wait(ms: number, done?: Promise<void>): Promise<void> {
    if (ms <= 0) return;
    await sleep(ms, undefined, { signal: this.#until(done) }).catch(() => undefined);
  }

  #until(done: Promise<void> | undefined): AbortSignal {
    if (!done) return this.abort.signal;
    const stop = new AbortController();
    void done.then(() => stop.abort());
    return AbortSignal.any([this.abort.signal, stop.signal]);
  }
}

interface DataPhaseOf {
  readonly collector: DataPhase;
  readonly echo: boolean;
  readonly timer: NodeJS.Timeout | undefined;
  readonly ended: (body: Body) => void;
}

/** V.250 5.7.1: as a number, a result code has no frame but its CR. */
const NUMBERS = new Map([
  ['OK', '0\r'],
  ['ERROR', '4\r'],
]);

function resultPackets(result: string, { verbose, quiet }: PortSettings): Packet[] {
  const number = verbose ? undefined : NUMBERS.get(result);
  if (quiet || result === '') return [];
  return [
    number === undefined ? textPacket('result', result) : { kind: 'result', bytes: Buffer.from(number) },
  ];
}
