/** What the system knows of its serial ports, without opening any of them. */
import { platform } from 'node:process';
import { interfaceOf, type SystemPort } from './ports';
import { linuxPorts } from './linux-ports';

/** Rejects when the library that lists them does not work on this machine. */
export async function systemPorts(): Promise<SystemPort[]> {
  // The library asks udev, which containers often lack.
  if (platform === 'linux') return linuxPorts('/');
  const { SerialPort } = await import('serialport');
  const ports = await SerialPort.list();
  return ports.map((port) => ({ ...port, links: [], interface: interfaceOf(port.pnpId) }));
}
