/** PDP contexts: defined, activated before a socket is opened, and again after they were lost. */
import {
  asking,
  type Change,
  type Command,
  integer,
  InvalidParameter,
  parseParameters,
  plainCommand,
  quote,
} from '../at';
import type { ContextOptions, Execute } from '../sockets';
import { LAST_RESULT } from './queries';

/** What `<pdpCid>` 0 means. */
export const DEFAULT_CONTEXT = 1;

export function contextIdOf({ pdpCid }: { readonly pdpCid: number }): number {
  return pdpCid === 0 ? DEFAULT_CONTEXT : pdpCid;
}

const TYPES = { IP: 1, IPV6: 2, IPV4V6: 3 } as const;
const AUTHENTICATION = { none: 0, pap: 1, chap: 2, either: 3 } as const;
/** 3GPP TS 23.003 9.1: as a DNS name, 100 bytes with the length of its first label. */
const APN_LENGTH = 99;

/**
 * AT+QICSGP=…
 * @throws {InvalidParameter} when a text could end the command line, or the APN is too long
 */
function defineContext(contextId: number, options: ContextOptions): Command<void> {
  const { apn, user = '', password = '', auth = 'none', type = 'IP' } = options;
  if (Buffer.byteLength(apn) > APN_LENGTH) {
    throw new InvalidParameter(
      `an APN has at most ${APN_LENGTH} bytes, and this one ${Buffer.byteLength(apn)}`,
    );
  }
  const parameters = [contextId, TYPES[type], quote(apn), quote(user), quote(password), AUTHENTICATION[auth]];
  return { text: `AT+QICSGP=${parameters.join(',')}`, responsePrefixes: [], decode: () => undefined };
}

/** @throws {InvalidParameter} when a text cannot be sent; a password is not in the message */
export function checkContext(options: ContextOptions): void {
  const { password = '' } = options;
  defineContext(DEFAULT_CONTEXT, { ...options, password: '' });
  try {
    quote(password);
  } catch {
    throw new InvalidParameter('the password must not hold quotes or control characters');
  }
}

/** AT+QIACT?: the active contexts. */
export const ACTIVE_CONTEXTS: Command<ReadonlySet<number>> = {
  text: 'AT+QIACT?',
  responsePrefixes: ['+QIACT:'],
  isRepeatable: true,
  decode: ({ lines }) => activeIn(lines),
};

function activeIn(lines: readonly string[]): ReadonlySet<number> {
  return new Set(
    lines
      .map(parseParameters)
      .filter(([, state]) => state === '1')
      .map(([id]) => integer(id)),
  );
}

/** AT+QIACT=…; takes up to 150 s, and blocks the line meanwhile. */
function activateContext(contextId: number): Command<true> {
  return { text: `AT+QIACT=${contextId}`, responsePrefixes: [], timeout: 150_000, decode: () => true };
}

/** AT+QIDEACT=…; ends all its sockets. */
function deactivateContext(contextId: number): Command<void> {
  return { text: `AT+QIDEACT=${contextId}`, responsePrefixes: [], timeout: 40_000, decode: () => undefined };
}

/** Contexts that were activated for sockets. */
export const ACTIVATION: Change = {
  query: plainCommand(ACTIVE_CONTEXTS.text, ACTIVE_CONTEXTS.responsePrefixes),
  undo: (before, now) => {
    const wereActive = activeIn(before);
    return [...activeIn(now)].filter((id) => !wereActive.has(id)).map((id) => deactivateContext(id).text);
  },
};

/** Results of opening a socket that mean that its context is not active: 561, 570. */
const LOST: readonly number[] = [561, 570];
/** The result of a failed activation if the module gives no other. */
const NOT_ACTIVATED = 561;
const READY = 0;

/** Pauses between attempts to activate a context, in ms: doubled each time. */
const PAUSE = { first: 1000, most: 60_000 } as const;

interface Failure {
  readonly result: number;
  readonly count: number;
  /** No attempt before. */
  readonly until: number;
}

interface Context {
  /** `broken`: active as far as listed, but a socket could not be opened for the lack of it. */
  state: 'unknown' | 'active' | 'lost' | 'broken';
  failure?: Failure | undefined;
  activating?: Promise<number> | undefined;
}

export interface ContextsHost {
  /** Whether any socket of the context is open. Rejects with an `AtError`. */
  isInUse(execute: Execute, contextId: number): Promise<boolean>;
}

/** The contexts of one session. */
export class Contexts {
  private readonly contexts = new Map<number, Context>();

  constructor(
    private readonly options: ContextOptions | undefined,
    private readonly host: ContextsHost,
  ) {}

  /** The module has said that the context is gone, and all its sockets with it. */
  noteLost(contextId: number): void {
    this.of(contextId).state = 'lost';
  }

  /** The result of opening a socket in the context. */
  noteResult(contextId: number, result: number): void {
    const context = this.of(contextId);
    if (LOST.includes(result) && context.state !== 'lost') context.state = 'broken';
  }

  /** Whether the sockets of the context are dead. */
  isLost(contextId: number): boolean {
    return this.contexts.get(contextId)?.state === 'lost';
  }

  /** Whether any context was active, so that its loss would have to be detected. */
  get areKnown(): boolean {
    return [...this.contexts.values()].some(({ state }) => state === 'active');
  }

  /** Compares with the active contexts; one that was active and is not has been lost without a URC. */
  compare(active: ReadonlySet<number>): void {
    for (const id of active) if (this.of(id).state === 'unknown') this.of(id).state = 'active';
    for (const [id, context] of this.contexts) {
      if (context.state === 'active' && !active.has(id)) context.state = 'lost';
    }
  }

  /**
   * Activates the context unless it is active. One attempt serves all who wait for it, and after a failure there is none
   * for a while. Rejects with an `AtError`.
   * @param now in ms
   * @returns 0, or the result code of the failure
   */
  async ready(execute: Execute, contextId: number, now: number): Promise<number> {
    const context = this.of(contextId);
    const { failure, state } = context;
    if (state === 'active') return READY;
    if (context.activating) return context.activating;
    if (failure && now < failure.until) return failure.result;
    context.activating = this.bringUp(execute, contextId, context);
    try {
      const result = await context.activating;
      const count = (failure?.count ?? 0) + 1;
      const pause = Math.min(PAUSE.first * 2 ** (count - 1), PAUSE.most);
      context.failure = result === READY ? undefined : { result, count, until: now + pause };
      return result;
    } finally {
      context.activating = undefined;
    }
  }

  private async bringUp(execute: Execute, contextId: number, context: Context): Promise<number> {
    const ask = asking(execute);
    // Before anything is written: a text that cannot be sent is told by itself.
    const definition = this.options && defineContext(contextId, this.options);
    let isActive = (await ask(ACTIVE_CONTEXTS))?.has(contextId) === true;
    const isGone = context.state === 'lost';
    const isBroken = context.state === 'broken' && isActive && !(await this.host.isInUse(execute, contextId));
    if (isGone || isBroken) {
      await ask(deactivateContext(contextId));
      isActive = false;
    }
    if (!isActive) {
      if (definition) await ask(definition);
      const isDone = await ask(activateContext(contextId));
      const reason = isDone ? READY : await ask(LAST_RESULT);
      // ERROR may also mean that it is active already.
      const isRefused = !isDone && !(await ask(ACTIVE_CONTEXTS))?.has(contextId);
      if (isRefused) return reason === undefined || reason === READY ? NOT_ACTIVATED : reason;
    }
    context.state = 'active';
    return READY;
  }

  private of(contextId: number): Context {
    const known = this.contexts.get(contextId);
    if (known) return known;
    const context: Context = { state: 'unknown' };
    this.contexts.set(contextId, context);
    return context;
  }
}
