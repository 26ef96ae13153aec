/** Adapts a deployed modem to the diagnosis checklist. */
import { type Modem, needsNetwork, type Patient, type UrcPort } from '../../src/modem';
import { urcPortOf } from '../../src/ports/ports';
import type { DeployedModem } from './deployed';

/** Timeout of one command of the checklist, in ms. */
const PATIENCE = 5000;

export function patientOf(modem: Modem, { portName, paths }: DeployedModem): Patient {
  const { options, reason, requests } = modem;
  return {
    portName,
    state: modem.state,
    reason,
    second: modem.secondPort,
    garbledInARow: modem.garbledInARow,
    dialect: modem.description,
    families: modem.families,
    urcPort: options.urcPort,
    listensTo: listensTo(paths),
    needsNetwork: needsNetwork(options),
    ask: (command) => requests.raw(command, PATIENCE),
    countSockets: async () => {
      const [servers, clients] = await Promise.all([requests.servers(), requests.clients()]);
      return { servers: servers.length, sockets: clients.length };
    },
    endpoints: () => modem.endpoints(),
  };
}

/** The URC ports that Node-RED reads; `undefined` if they cannot be derived from all port names. */
function listensTo(paths: readonly string[]): UrcPort[] | undefined {
  const known = paths.map(urcPortOf).filter((port) => port !== undefined);
  return known.length > 0 && known.length === paths.length ? known : undefined;
}
