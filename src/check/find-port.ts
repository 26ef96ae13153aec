/** Finds the AT port of a module among the serial ports of this computer. */
import type { ListedPort } from '../ports/listed-port';
import { describePorts } from '../ports/ports';
import { systemPorts } from '../ports/system-ports';

export function listPorts(): Promise<ListedPort[]> {
  return systemPorts().then((ports) => describePorts(ports, []));
}

/** The AT port of a module that nobody uses, or else the first one. */
export function atPort(ports: readonly ListedPort[]): ListedPort | undefined {
  const found = ports.filter(({ isAtPort }) => isAtPort);
  return found.find(({ lockedBy }) => lockedBy === undefined) ?? found[0];
}

/** One port in a line. */
export function describePort({
  path,
  device,
  usbId,
  interface: number,
  manufacturer,
  lockedBy,
}: ListedPort): string {
  const details = [
    device,
    usbId && `USB ${usbId}`,
    number && `interface ${number}`,
    manufacturer,
    lockedBy && `in use by ${lockedBy}`,
  ].filter((it) => it !== undefined && it !== '');
  return details.length > 0 ? `${path} (${details.join(', ')})` : path;
}
