import { asking, AtError, type Channel, type Command, plainCommand, PORT_SETTINGS, shown } from '../../at';
import type { Execute, FamilyOptions, Profile, SocketCommands, SocketFamily } from '../../sockets';
import { QfwdError, toQfwdError } from '../errors';
import type { Access } from './access';
import type { FoundFamily } from './found-family';
import type { Kept } from './kept';
import { firmwareOf, modelOf } from './firmware';
import { IMEI } from './imei';
import { initCommand } from './raw-command';

/** Waits; returns early if the channel is closed. */
export type Pause = (ms: number) => Promise<unknown>;

export interface StartupOptions extends FamilyOptions {
  /** PIN of the SIM. */
  readonly pin?: string | undefined;
  /** AT commands to be executed after every connect. */
  readonly init: readonly string[];
  /** The same, executed after those, with parameters that nobody may see. */
  readonly secretInit?: readonly string[];
  /** Opens no socket before the module is registered. */
  readonly waitForNetwork: boolean;
  /** Default PDP context of sockets; 0 = any local address, including the LAN of the module. */
  readonly pdpCid: number;
}

/** Whether sockets need the mobile network. */
export function needsNetwork({
  pdpCid,
  waitForNetwork,
}: Pick<StartupOptions, 'pdpCid' | 'waitForNetwork'>): boolean {
  return waitForNetwork || pdpCid > 0;
}

/** What is known about the command families of the module. */
export interface Families {
  /** In order of preference. Others than the first are used if that one is still missing when it should be there. */
  readonly all: readonly SocketFamily[];
  /** The commands of the last session, whose family is used again. */
  readonly before?: SocketCommands | undefined;
  /** An earlier profile, possibly of another firmware. Without `before`, its family is tried first. */
  readonly profile?: Profile | undefined;
  readonly found?: Kept<FoundFamily> | undefined;
}

/** Receives the events of start-up. */
export interface StartupObserver {
  /** The channel is synchronized: data from an earlier opening of the port has been discarded. */
  onInStep(): void;
  /** A step failed; start-up continues without it. */
  onProblem(error: QfwdError): void;
  /** The module has no socket commands yet: its application processor starts later. */
  onBooting(): void;
  /** The module has had no socket commands for so long that it may not support them. */
  onUnsupported(): void;
}

/** If the module echoes after this command, it has lost its settings. */
export const [ECHO_OFF] = PORT_SETTINGS;

const POLL = 1000;
const POLL_SLOWLY = 10_000;
/** The application processor, which may provide the socket commands, starts long after the AT port. */
const APPLICATION_PROCESSOR_POLLS = 40;

function executing(channel: Pick<Channel, 'execute'>): Execute {
  return (command) => channel.execute(command);
}

/** Whether the ports belong to one module, by IMEI; true if it is unknown. Rejects with an `AtError`. */
export async function isSameModule(...ports: Pick<Channel, 'execute'>[]): Promise<boolean> {
  const said = await Promise.all(ports.map((port) => asking(executing(port))(IMEI)));
  return new Set(said.filter((imei) => imei !== undefined)).size <= 1;
}

/** Synchronizes, and applies the settings that are separate for each AT port. Rejects with an `AtError`. */
export async function setUpPort(channel: Channel): Promise<void> {
  const ask = asking(executing(channel));
  await channel.synchronize();
  for (const text of PORT_SETTINGS) await ask(plainCommand(text));
}

/**
 * Brings a module from an unknown state to a usable one: synchronized, echo off, SIM unlocked, init commands executed.
 * Resolves with its socket commands; waits until there are any. Rejects with an `AtError` if the module goes silent.
 */
export async function startUp(
  channel: Channel,
  access: Access,
  pause: Pause,
  families: Families,
  options: StartupOptions,
  observer: StartupObserver,
): Promise<SocketCommands> {
  const execute = executing(channel);

  await setUpPort(channel);
  observer.onInStep();
  await access.settleSim();
  for (const text of options.init) await initialize(execute, { text }, observer);
  for (const text of options.secretInit ?? []) await initialize(execute, { text, isSecret: true }, observer);
  await access.settleNetwork();
  if (options.waitForNetwork) await access.awaitNetwork();
  const expected = await expectedFamily(execute, families);
  const [preferred, ...others] = [...families.all].sort(
    (one, other) => Number(other.name === expected) - Number(one.name === expected),
  );
  const isAwaited = expected !== undefined || (await mayComeLate(execute, families));
  const detect = async (polls: number) => {
    const isPatient = (isAwaited && polls < APPLICATION_PROCESSOR_POLLS) || access.isLocked;
    for (const family of [preferred, ...(isPatient ? [] : others)]) {
      const commands = await family?.detect(execute, options, families.before);
      if (commands) return commands;
    }
    return undefined;
  };
  const commands = await awaitCommands(detect, pause, (polls) => {
    // With a locked SIM, some commands may be missing.
    if (access.isLocked) return;
    if (polls === 1) observer.onBooting();
    if (polls === APPLICATION_PROCESSOR_POLLS) observer.onUnsupported();
  });
  await remember(execute, families, commands);
  return commands;
}

/** Whether the first family may be missing only because the application processor has not started yet. */
async function mayComeLate(execute: Execute, { all, found }: Families): Promise<boolean> {
  const [first, ...others] = all;
  if (!first || others.length === 0) return true;
  const model = await modelOf(execute);
  if (model !== undefined && !first.models.test(model)) return false;
  return found?.value === undefined || found.value.firmware !== (await firmwareOf(execute));
}

async function remember(
  execute: Execute,
  { all, before, found }: Families,
  { family }: SocketCommands,
): Promise<void> {
  if (!found || before || family === all[0]?.name) return;
  const firmware = await firmwareOf(execute);
  if (firmware !== undefined && found.value?.firmware !== firmware) found.value = { firmware, family };
}

/** The family of the last session, or the one that this firmware was measured with. */
async function expectedFamily(
  execute: Execute,
  { all, before, profile }: Families,
): Promise<string | undefined> {
  if (before || !profile || all.length < 2) return before?.family;
  return (await firmwareOf(execute)) === profile.firmware ? profile.family : undefined;
}

/** If an init command fails, the others are still executed. Rejects with an `AtError` if the module is lost. */
async function initialize(
  execute: Execute,
  line: Pick<Command, 'text' | 'isSecret'>,
  observer: StartupObserver,
): Promise<void> {
  try {
    await execute(initCommand(line));
  } catch (error) {
    if (error instanceof AtError && error.failure === 'lost') throw error;
    const failure = toQfwdError(error);
    observer.onProblem(failure.withMessage(`${failure.message} (start command ${shown(line)})`));
  }
}

async function awaitCommands(
  detect: (polls: number) => Promise<SocketCommands | undefined>,
  pause: Pause,
  onMissing: (polls: number) => void,
): Promise<SocketCommands> {
  for (let polls = 1; ; polls++) {
    const commands = await detect(polls);
    if (commands) return commands;
    onMissing(polls);
    await pause(polls < APPLICATION_PROCESSOR_POLLS ? POLL : POLL_SLOWLY);
  }
}
