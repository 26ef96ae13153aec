import { type Ask, asking, AtError, type Channel, type Command, masked, plainCommand } from '../../at';
import type { Execute, FamilyOptions, SocketCommands, SocketFamily } from '../../sockets';
import { QfwdError, toQfwdError } from '../errors';
import { rawCommand } from './raw-command';
import { askRegistration, isRegistered } from './registration';
import { type Pause, type PinOptions, unlockSim } from './sim';

export interface StartupOptions extends PinOptions, FamilyOptions {
  /** AT commands to be executed after every connect. */
  readonly init: readonly string[];
  readonly waitForNetwork: boolean;
}

/** What start-up has to say to the user. */
export interface StartupObserver {
  /** What comes from now on is not left from an earlier opening of the port. */
  onInStep(): void;
  /** A step failed and start-up goes on without it. */
  onProblem(error: QfwdError): void;
  /** The SIM refused the PIN: it must not be tried again, as the third wrong one locks the SIM. */
  onPinRefused(): void;
  /** Something takes longer than usual. */
  onWarning(text: string): void;
  /** The SIM is locked until a person does something. Forwarding on the module's own network may work without it. */
  onLocked(reason: QfwdError): void;
  /** The module has not known any commands for sockets for so long that it may never. */
  onUnsupported(): void;
}

/** A module that echoes after this has lost its settings. */
export const ECHO_OFF = 'ATE0';

const POLL = 1000;
/** Registering takes some seconds; whoever has not after this may want to know. */
const LONG_WAIT_POLLS = 15;
/** Activating a PDP context may take so long; its manual says 150 s. */
const INIT_TIMEOUT = 180_000;
const POLL_SLOWLY = 10_000;
/** The application processor, which may have the commands for sockets, comes up long after the AT port. */
const APPLICATION_PROCESSOR_POLLS = 40;

function executing(channel: Pick<Channel, 'execute'>): Execute {
  return (command) => channel.execute(command);
}

/** 3GPP TS 27.007 5.4 */
const IMEI: Command<string | undefined> = {
  text: 'AT+CGSN',
  isRepeatable: true,
  decode: ({ lines }) => /\d{15}/.exec(lines.join())?.[0],
};

/** Whether two ports belong to one module; also when it does not say. Rejects with an `AtError`. */
export async function isSameModule(...ports: Pick<Channel, 'execute'>[]): Promise<boolean> {
  const said = await Promise.all(ports.map((port) => asking(executing(port))(IMEI)));
  return new Set(said.filter((imei) => imei !== undefined)).size <= 1;
}

/** In step, echo off, errors by number: what every AT port has for itself. Rejects with an `AtError`. */
export async function setUpPort(channel: Channel): Promise<void> {
  const ask = asking(executing(channel));
  await channel.synchronise();
  for (const text of [ECHO_OFF, 'AT+CMEE=1']) await ask(plainCommand(text));
}

/**
 * Takes a module of which nothing is known to where it can be worked with: in step, echo off, unlocked, set up as the
 * user wants. Resolves with its commands for sockets; waits as long as it has none. Rejects with an `AtError` when it goes silent.
 */
export async function startUp(
  channel: Channel,
  pause: Pause,
  families: readonly SocketFamily[],
  options: StartupOptions,
  observer: StartupObserver,
  before?: SocketCommands,
): Promise<SocketCommands> {
  const execute = executing(channel);
  const ask = asking(execute);

  await setUpPort(channel);
  observer.onInStep();
  const lock = await unlockSim(channel, pause, options, () => observer.onPinRefused());
  if (lock) observer.onLocked(lock);
  for (const text of options.init) {
    // What is wrong with one line does not keep the others from being run.
    await channel.execute(rawCommand(text, INIT_TIMEOUT)).catch((error: unknown) => {
      if (error instanceof AtError && error.failure === 'lost') throw error;
      const { code, message } = toQfwdError(error);
      observer.onProblem(new QfwdError(code, `init line ${masked(text)}: ${message}`));
    });
  }
  if (options.waitForNetwork) {
    await awaitNetwork(ask, pause, () =>
      observer.onWarning(
        'the module is not registered on a network yet, and is to wait for that: check SIM and antenna',
      ),
    );
  }
  const detect = async () => {
    for (const family of families) {
      const commands = await family.detect(execute, options, before);
      if (commands) return commands;
    }
    return undefined;
  };
  return awaitCommands(detect, pause, () => {
    if (!lock) observer.onUnsupported();
  });
}

async function awaitNetwork(ask: Ask, pause: Pause, onLongWait: () => void): Promise<void> {
  for (let polls = 1; ; polls++) {
    const found = await askRegistration((text, prefix) => ask(plainCommand(text, [prefix])));
    if (found.some(isRegistered)) return;
    if (polls === LONG_WAIT_POLLS) onLongWait();
    await pause(POLL);
  }
}

async function awaitCommands(
  detect: () => Promise<SocketCommands | undefined>,
  pause: Pause,
  onUnsupported: () => void,
): Promise<SocketCommands> {
  for (let polls = 1; ; polls++) {
    const commands = await detect();
    if (commands) return commands;
    if (polls === APPLICATION_PROCESSOR_POLLS) onUnsupported();
    await pause(polls < APPLICATION_PROCESSOR_POLLS ? POLL : POLL_SLOWLY);
  }
}
