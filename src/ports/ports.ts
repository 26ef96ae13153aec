/** The serial ports of this computer, sorted and described for selection. Pure functions of the data from the system. */
import type { UrcPort } from '../sockets';
import type { ListedPort } from './listed-port';

/** Data from the system about one port. */
export interface SystemPort {
  /** Such as `/dev/ttyUSB2` or `COM5`. */
  readonly path: string;
  /** Links to it, those of /dev/serial/by-id among them. */
  readonly links: readonly string[];
  readonly manufacturer?: string | undefined;
  /** USB ids, four hexadecimal digits. */
  readonly vendorId?: string | undefined;
  readonly productId?: string | undefined;
  /** Of the USB device, two hexadecimal digits. */
  readonly interface?: string | undefined;
  /** The program that has locked it. */
  readonly lockedBy?: string | undefined;
}

/** A deployed modem node, and the ttys it uses. */
export interface PortUser {
  readonly id: string;
  readonly name: string;
  readonly paths: readonly string[];
}

/** EC25 and EC20 R2.1, and EC21. */
const MODULES = new Set(['2c7c:0125', '2c7c:0121']);

/** USB interfaces of the module whose ports take AT commands, with their names in these commands. */
const AT_PORTS = new Map<string, UrcPort>([
  ['02', 'usbat'],
  ['03', 'usbmodem'],
]);

const BY_ID = '/dev/serial/by-id/';

/** AT ports first, then the other ports of USB devices, then the rest. */
export function describePorts(ports: readonly SystemPort[], users: readonly PortUser[]): ListedPort[] {
  return ports.map((port) => describe(port, users)).sort((a, b) => rank(a) - rank(b) || compare(a, b));
}

function describe(port: SystemPort, users: readonly PortUser[]): ListedPort {
  const { path, links, manufacturer, vendorId, productId, lockedBy } = port;
  const names = [path, ...links];
  const preferred = links.find((link) => link.startsWith(BY_ID)) ?? path;
  const usbId = vendorId && productId ? `${vendorId}:${productId}`.toLowerCase() : undefined;
  const isModule = usbId !== undefined && MODULES.has(usbId);
  const number = port.interface?.padStart(2, '0');
  const user = users.find(({ paths }) => paths.some((used) => names.includes(used)));
  return {
    path: preferred,
    ...(preferred !== path && { device: path }),
    ...(manufacturer && { manufacturer: manufacturer.replaceAll('_', ' ') }),
    ...(usbId && { usbId }),
    ...(number && { interface: number }),
    isModule,
    isAtPort: isModule && AT_PORTS.get(number ?? '') === 'usbat',
    ...(user && { usedBy: { id: user.id, name: user.name } }),
    ...(!user && lockedBy && { lockedBy }),
  };
}

/** The interface number that is part of a by-id name (`…-if02-port0`) or a Windows id (`…&MI_02\…`). */
export function interfaceOf(name: string | undefined): string | undefined {
  const [, number] = /(?:-if|&MI_)([0-9a-f]{2})(?![0-9a-f])/i.exec(name ?? '') ?? [];
  return number?.toLowerCase();
}

/** The module's name for this port, if it can be derived from the path. */
function urcPortOf(name: string): UrcPort | undefined {
  return AT_PORTS.get(interfaceOf(name) ?? '');
}

/** The URC ports of these ttys; `undefined` if a name does not tell, or there is none. */
export function urcPortsOf(names: readonly string[]): UrcPort[] | undefined {
  const known = names.map(urcPortOf).filter((port) => port !== undefined);
  return known.length > 0 && known.length === names.length ? known : undefined;
}

function rank({ isAtPort, usbId }: ListedPort): number {
  if (isAtPort) return 0;
  return usbId ? 1 : 2;
}

function compare(a: ListedPort, b: ListedPort): number {
  return (a.device ?? a.path).localeCompare(b.device ?? b.path, 'en', { numeric: true });
}
