/**
 * The simulated modules of this process, one for each config node. Like a real module, it keeps running while no host is
 * attached, so its servers and connections survive a deploy. It is switched off when its node is deleted, or when no host
 * attaches for a while.
 */
import type { Duplex } from 'node:stream';
import { QfwdError } from '../../src/modem';
import { messageOf } from '../../src/modem/errors';
import { parseOptions, type PortName, SimulatedModule } from '../../src/simulator';

interface Running {
  readonly module: SimulatedModule;
  readonly options: string;
  switchOff?: NodeJS.Timeout | undefined;
}

const LINGER = 3000;

const running = new Map<string, Running>();

/** The module of this config node, switched on by `attach` if needed. @throws {QfwdError} if an option is invalid */
export function simulatorOf(
  id: string,
  options: object,
): { attach(port: PortName): Duplex; release(forGood: boolean): Promise<void> } {
  const parsed = checked(options);
  return {
    attach: (port) => switchOn(id, JSON.stringify(options), parsed).attach(port),
    release: (forGood) => (forGood ? switchOff(id) : linger(id)),
  };
}

function checked(options: object): ReturnType<typeof parseOptions> {
  try {
    return parseOptions(options);
  } catch (error) {
    throw new QfwdError('QFWD_INVALID', messageOf(error));
  }
}

function switchOn(id: string, options: string, parsed: ReturnType<typeof parseOptions>): SimulatedModule {
  const known = running.get(id);
  clearTimeout(known?.switchOff);
  if (known) known.switchOff = undefined;
  if (known?.options === options) return known.module;
  if (known) void known.module.powerOff();
  const module = new SimulatedModule(parsed);
  running.set(id, { module, options });
  return module;
}

/** Switches the module off. Also called when the config node now uses another module, which may need the same ports. */
export async function switchOff(id: string): Promise<void> {
  const known = running.get(id);
  if (!known) return;
  clearTimeout(known.switchOff);
  running.delete(id);
  await known.module.powerOff();
}

function linger(id: string): Promise<void> {
  const known = running.get(id);
  clearTimeout(known?.switchOff);
  if (known) known.switchOff = setTimeout(() => void switchOff(id), LINGER).unref();
  return Promise.resolve();
}
