import type { PortName, SimulatorOptions } from './options';
import type { SocketFamily } from './sockets/family';
import { urcs } from './urc';

const FIRST_ACCEPTED_ID = 2;
const LAST_ID = 65_535;

/** The sockets of AT+QFWD…, with the URCs of manual chapter 3. */
export function qfwdFamily(
  options: SimulatorOptions,
  urc: (port: PortName, text: string) => void,
): SocketFamily {
  let lastAccepted = FIRST_ACCEPTED_ID - 1;
  return {
    results: options.openResult,
    freesEnded: true,
    rearms: 'at-last-byte',
    keepsRest: true,
    acceptedId(isTaken) {
      let id = options.acceptedIds === 'counting' ? lastAccepted + 1 : FIRST_ACCEPTED_ID;
      while (isTaken(id)) id++;
      lastAccepted = id % LAST_ID;
      return id;
    },
    accepted: ({ serverId = 0, id, remote, local, urcPort }) =>
      urc(urcPort, urcs.incoming(serverId, id, remote, local)),
    refused: () => undefined,
    received({ urcPort, id, figures }, again) {
      const { readUrc } = options;
      if (again && readUrc !== 'repeated') return;
      urc(urcPort, urcs.read(id, readUrc === 'length' ? figures.recvUsed : undefined));
    },
    ended: ({ urcPort, id }) => urc(urcPort, urcs.close(id)),
  };
}
