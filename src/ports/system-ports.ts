/** The serial ports that the system lists, without opening them. */
import { platform } from 'node:process';
import { interfaceOf, type SystemPort } from './ports';
import { linuxPorts } from './linux-ports';

/** Rejects if the library that lists them does not work on this computer. */
export async function systemPorts(): Promise<SystemPort[]> {
  // The library asks udev, which containers often lack.
  if (platform === 'linux') return linuxPorts('/');
  const { SerialPort } = await import('serialport');
  const ports = await SerialPort.list();
  return ports.map((port) => ({ ...port, links: [], interface: interfaceOf(port.pnpId) }));
}
