import { asking, AtError, type Channel, type Command, masked, plainCommand, PORT_SETTINGS } from '../../at';
import type { Execute, FamilyOptions, SocketCommands, SocketFamily } from '../../sockets';
import { QfwdError, toQfwdError } from '../errors';
import type { Access } from './access';
import { initCommand } from './raw-command';

/** Waits, but not for a channel that is closed. */
export type Pause = (ms: number) => Promise<unknown>;

export interface StartupOptions extends FamilyOptions {
  /** PIN of the SIM. */
  readonly pin?: string | undefined;
  /** AT commands to be executed after every connect. */
  readonly init: readonly string[];
  /** Opens no socket before the module is registered. */
  readonly waitForNetwork: boolean;
  /** PDP context of sockets that do not say otherwise; 0 = any address, of the module's own LAN too. */
  readonly pdpCid: number;
}

/** Whether sockets are of no use without the mobile network. */
export function needsNetwork({
  pdpCid,
  waitForNetwork,
}: Pick<StartupOptions, 'pdpCid' | 'waitForNetwork'>): boolean {
  return waitForNetwork || pdpCid > 0;
}

/** What start-up has to say to the user. */
export interface StartupObserver {
  /** What comes from now on is not left from an earlier opening of the port. */
  onInStep(): void;
  /** A step failed and start-up goes on without it. */
  onProblem(error: QfwdError): void;
  /** The module does not know its commands for sockets yet: its application processor starts later. */
  onBooting(): void;
  /** The module has not known any commands for sockets for so long that it may never. */
  onUnsupported(): void;
}

/** A module that echoes after this has lost its settings. */
export const [ECHO_OFF] = PORT_SETTINGS;

const POLL = 1000;
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
  for (const text of PORT_SETTINGS) await ask(plainCommand(text));
}

/**
 * Takes a module of which nothing is known to where it can be worked with: in step, echo off, unlocked, set up as the
 * user wants. Resolves with its commands for sockets; waits as long as it has none. Rejects with an `AtError` when it goes silent.
 */
export async function startUp(
  channel: Channel,
  access: Access,
  pause: Pause,
  families: readonly SocketFamily[],
  options: StartupOptions,
  observer: StartupObserver,
  before?: SocketCommands,
): Promise<SocketCommands> {
  const execute = executing(channel);

  await setUpPort(channel);
  observer.onInStep();
  await access.settleSim();
  for (const text of options.init) {
    try {
      await execute(initCommand(text));
    } catch (error) {
      if (error instanceof AtError && error.failure === 'lost') throw error;
      // What is wrong with one line does not keep the others from being run.
      const { code, message } = toQfwdError(error);
      observer.onProblem(new QfwdError(code, `init line ${masked(text)}: ${message}`));
    }
  }
  await access.settleNetwork();
  if (options.waitForNetwork) await access.awaitNetwork();
  const detect = async () => {
    for (const family of families) {
      const commands = await family.detect(execute, options, before);
      if (commands) return commands;
    }
    return undefined;
  };
  return awaitCommands(detect, pause, (polls) => {
    // Without its SIM, a module may know less.
    if (access.isLocked) return;
    if (polls === 1) observer.onBooting();
    if (polls === APPLICATION_PROCESSOR_POLLS) observer.onUnsupported();
  });
}

async function awaitCommands(
  detect: () => Promise<SocketCommands | undefined>,
  pause: Pause,
  onMissing: (polls: number) => void,
): Promise<SocketCommands> {
  for (let polls = 1; ; polls++) {
    const commands = await detect();
    if (commands) return commands;
    onMissing(polls);
    await pause(polls < APPLICATION_PROCESSOR_POLLS ? POLL : POLL_SLOWLY);
  }
}
