/** A modem that uses both AT ports of a simulated module. */
import type { SimulatedModule } from '../../../src/simulator';
import { Port } from './ports';
import { readyRig, type Rig, type RigOptions } from './rig';

export type PortName = Port['name'];
export const PORTS = ['usbat', 'usbmodem'] as const;

export interface Pair {
  readonly rig: Rig;
  readonly ports: Record<PortName, Port>;
  /** The commands that each port has begun to execute since the last {@link forget}. */
  readonly commands: Record<PortName, string[]>;
}

export interface PairOptions extends RigOptions {
  /** Which port is the first one. */
  readonly first?: PortName;
}

/** A modem that uses both AT ports of a module, once both are set up. */
export async function pair(
  { first = 'usbat', ...options }: PairOptions = {},
  isParallel = true,
): Promise<Pair> {
  const second = first === 'usbat' ? 'usbmodem' : 'usbat';
  const ports = {} as Record<PortName, Port>;
  const commands: Pair['commands'] = { usbat: [], usbmodem: [] };
  const way = (name: PortName) => (module: SimulatedModule) => (ports[name] = new Port(name, module));
  const rig = await readyRig({
    ...options,
    modem: { parallel: isParallel, ...options.modem },
    transport: way(first),
    second: (module) => {
      let told: Partial<Record<string, string>> = {};
      module.on('command', (line, port) => (told = { ...told, [port]: line }));
      module.on('sent', (_bytes, port) => {
        const { [port]: line, ...others } = told;
        if (port !== 'uart1' && line !== undefined) commands[port].push(line);
        told = others;
      });
      return way(second)(module);
    },
  });
  const it = { rig, ports, commands };
  if (isParallel) await inUse(it, second);
  return it;
}

/** Waits until a port is set up, and known to belong to the module. */
export async function inUse({ rig, commands }: Pair, name: PortName): Promise<void> {
  await rig.until(() => commands[name].includes('AT+CGSN'));
  await rig.modem.requests.servers();
  await rig.quiet();
}

/** Which ports send, and which read. */
export function parts({ rig, commands }: Pair): { readonly send: PortName[]; readonly read: PortName[] } {
  const { send, receive } = rig.family.commands;
  const having = (command: string) =>
    PORTS.filter((port) => commands[port].some((line) => line.startsWith(command) && line !== `${command}?`));
  return { send: having(send), read: having(receive) };
}

export function forget({ commands }: Pair): void {
  for (const port of PORTS) commands[port].length = 0;
}

/** Waits until the URCs of all open sockets go to a port. */
export async function reportsAt(rig: Rig, name: PortName): Promise<void> {
  await rig.until(async () =>
    [...(await rig.servers()), ...(await rig.clients())].every((row) => row.endsWith(`"${name}"`)),
  );
}
