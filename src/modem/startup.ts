import { AtError, type Channel, plainCommand } from '../at';
import { type Ask, detectDialect, type Dialect, quote } from '../qfwd';
import { isRejection, QfwdError, toQfwdError } from './errors';
import { rawCommand } from './raw-command';

export interface StartupOptions {
  readonly dialect: 'auto' | 'manual' | 'example';
  /** AT commands to be executed after every connect. */
  readonly init: readonly string[];
  /** SIM PIN; missing when it was refused before. */
  readonly pin?: string | undefined;
  readonly waitForNetwork: boolean;
}

/** What start-up has to say to the user. */
export interface StartupObserver {
  /** A step failed and start-up goes on without it. */
  onProblem(error: QfwdError): void;
  /** The SIM refused the PIN: it must not be tried again, as the third wrong one locks the SIM. */
  onPinRefused(): void;
  /** The module has not known any QFWD command for so long that it may never. */
  onUnsupported(): void;
}

/** Waits, but not for a channel that is closed. */
type Pause = (ms: number) => Promise<unknown>;

/** A module that echoes after this has lost its settings. */
export const ECHO_OFF = 'ATE0';

const POLL = 1000;
/** Activating a PDP context may take so long; its manual says 150 s. */
const INIT_TIMEOUT = 180_000;
const POLL_SLOWLY = 10_000;
/** The application processor, which has the QFWD commands, comes up long after the AT port. */
const APPLICATION_PROCESSOR_POLLS = 40;

/**
 * Takes a module of which nothing is known to where it can be worked with: in step, echo off, unlocked, set up as the
 * user wants. Resolves with its dialect; waits as long as it has none. Rejects with an `AtError` when it goes silent.
 */
export async function startUp(
  channel: Channel,
  pause: Pause,
  options: StartupOptions,
  observer: StartupObserver,
): Promise<Dialect> {
  const ask: Ask = async (command) => {
    try {
      return await channel.execute(command);
    } catch (error) {
      if (isRejection(error)) return undefined;
      throw error;
    }
  };

  await channel.synchronise();
  await ask(plainCommand(ECHO_OFF));
  await ask(plainCommand('AT+CMEE=1'));
  if (options.pin !== undefined) await enterPin(ask, options.pin, observer);
  for (const text of options.init) {
    // What is wrong with one line does not keep the others from being run.
    await channel.execute(rawCommand(text, INIT_TIMEOUT)).catch((error: unknown) => {
      if (error instanceof AtError && error.failure === 'lost') throw error;
      const { code, message } = toQfwdError(error);
      observer.onProblem(new QfwdError(code, `init line ${text}: ${message}`));
    });
  }
  if (options.waitForNetwork) await awaitNetwork(ask, pause);
  return awaitDialect(ask, pause, options.dialect, observer);
}

async function enterPin(ask: Ask, pin: string, observer: StartupObserver): Promise<void> {
  const state = await ask(plainCommand('AT+CPIN?', ['+CPIN:']));
  if (!state?.some((line) => line.endsWith('SIM PIN'))) return;
  // Not repeatable: a PIN whose answer was lost must not be entered twice.
  const entered = await ask({ text: `AT+CPIN=${quote(pin)}`, decode: () => true }).catch((error: unknown) => {
    if (error instanceof AtError && error.failure === 'timeout') return undefined;
    throw error;
  });
  if (entered) return;
  observer.onPinRefused();
  const text = 'the SIM refused the PIN; it will not be tried again until the configuration is deployed anew';
  observer.onProblem(new QfwdError('QFWD_REJECTED', text));
}

async function awaitNetwork(ask: Ask, pause: Pause): Promise<void> {
  for (;;) {
    for (const name of ['CEREG', 'CGREG', 'CREG']) {
      const lines = await ask(plainCommand(`AT+${name}?`, [`+${name}:`]));
      // 3GPP TS 27.007 7.2: 1 = registered, home network; 5 = registered, roaming.
      if (lines?.some((line) => /:\s*\d+,\s*[15]\b/.test(line))) return;
    }
    await pause(POLL);
  }
}

async function awaitDialect(
  ask: Ask,
  pause: Pause,
  wanted: StartupOptions['dialect'],
  observer: StartupObserver,
): Promise<Dialect> {
  for (let polls = 1; ; polls++) {
    const dialect = await detectDialect(ask, wanted);
    if (dialect) return dialect;
    if (polls === APPLICATION_PROCESSOR_POLLS) observer.onUnsupported();
    await pause(polls < APPLICATION_PROCESSOR_POLLS ? POLL : POLL_SLOWLY);
  }
}
