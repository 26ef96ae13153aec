/** The way from a modem node to its module. */
import { realpath } from 'node:fs/promises';
import type { Transport } from '../../src/at';
import { inProcessTransport, serialTransport, type SerialOptions, tcpTransport } from '../../src/transport';
import { heldBy, type Holder } from './port-holders';
import type { Access } from './settings';
import { simulatorOf, switchOff } from './simulators';

export interface Reach {
  readonly transport: Transport;
  readonly secondTransport?: Transport | undefined;
  /** The ttys it uses. */
  readonly paths: readonly string[];
  /** Called when the modem has stopped; `forGood` if its node was deleted. */
  release(forGood: boolean): Promise<void>;
}

/** @throws {QfwdError} `QFWD_INVALID` */
export function reachOf(holder: Holder, access: Access): Reach {
  const { second } = access;
  const secondTransport = second && ttyTransport(holder, second);
  const paths = second ? [second.path] : [];
  const release = (): Promise<void> => Promise.resolve();
  if (access.transport !== 'simulator') void switchOff(holder.id);
  switch (access.transport) {
    case 'serial':
      return {
        transport: ttyTransport(holder, access.port),
        secondTransport,
        paths: [access.port.path, ...paths],
        release,
      };
    case 'tcp': {
      const transport = tcpTransport(access);
      const held = heldBy(holder, transport, () => Promise.resolve(transport.name));
      return { transport: held, secondTransport, paths, release };
    }
    case 'simulator': {
      const simulator = simulatorOf(holder.id, access.options);
      return {
        transport: inProcessTransport('the simulator', () => simulator.attach('usbat')),
        // The path is ignored, because a simulated module has no ttys.
        secondTransport: second && inProcessTransport('its modem port', () => simulator.attach('usbmodem')),
        paths: [],
        release: (forGood) => simulator.release(forGood),
      };
    }
  }
}

/** A tty has several names, and they lead to one device. */
function ttyTransport(holder: Holder, options: SerialOptions): Transport {
  const { path } = options;
  return heldBy(holder, serialTransport(options), () => realpath(path).catch(() => path));
}
