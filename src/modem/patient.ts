import type { SocketFamily } from '../sockets';
import type { Patient } from './diagnosis/diagnosis';
import { needsNetwork } from './link/startup';
import type { ModemOptions } from './options';
import type { Parts } from './wiring';

/** What only the caller knows of the ports. */
export type PortNames = Pick<Patient, 'portName' | 'listensTo'>;

/** Timeout of one command of the checklist, in ms. */
const PATIENCE = 5000;

/** What the checklist needs of a modem. */
export function patientOf(
  parts: Parts,
  options: ModemOptions,
  families: readonly SocketFamily[],
  names: PortNames,
): Patient {
  const { current, declarations, lifecycle, ports, requests } = parts;
  const { commands } = current.session ?? {};
  return {
    ...names,
    state: lifecycle.state,
    reason: lifecycle.reason,
    second: ports.second,
    garbledInARow: current.channel?.garbledInARow ?? 0,
    dialect: commands?.description,
    families,
    urcPort: !commands || commands.urcPort.set ? options.urcPort : undefined,
    lists: commands?.listedBy ?? [],
    // Commands that have to prepare sockets activate a PDP context.
    needsNetwork: needsNetwork(options) || commands?.prepare !== undefined,
    ask: (command) => requests.raw(command, PATIENCE),
    countSockets: async () => {
      const [servers, clients] = await Promise.all([requests.servers(), requests.clients()]);
      return { servers: servers.length, sockets: clients.length };
    },
    endpoints: () => declarations.all(),
  };
}
