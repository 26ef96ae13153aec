import { realpath } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import type { SerialPort } from 'serialport';
import type { Link, LinkEvents, Transport } from '../at';
import { linkOver } from './stream';
import { openTty } from './tty';

export interface SerialOptions {
  /** Such as `/dev/serial/by-id/usb-Quectel…-if02-port0` or `COM5`. */
  readonly path: string;
  readonly baudRate: number;
  /** RTS/CTS flow control. */
  readonly rtscts: boolean;
}

/** USB packet size in bytes. On old kernels, a write whose last packet is full may stall. */
const USB_PACKET = 512;

/** Errors that mean that the tty no longer exists: an error code, its message, or the end of the stream. */
const GONE =
  /\b(EIO|EBADF|ENXIO|ENODEV)\b|i\/o error|input\/output|bad file descriptor|no such device|not configured|disconnected|closed$/i;

/** An open serial port. */
export interface SerialLink extends Link {
  restore(): Promise<void>;
}

export interface SerialTransport extends Transport {
  open(events: LinkEvents): Promise<SerialLink>;
}

/** An AT port on a serial port. */
export function serialTransport(options: SerialOptions): SerialTransport {
  return { name: options.path, open: (events) => open(options, events) };
}

async function open(options: SerialOptions, events: LinkEvents): Promise<SerialLink> {
  const { path } = options;
  // Resolves a symbolic link, such as one of by-id, so that the device that is locked is also the one that is read.
  const device = await realpath(path).catch(() => path);
  const port = await openPort(options, device, true);
  const gone = new Error(`${path} has gone`);
  const link = linkOver(await streamOf(port), path, {
    data: events.data,
    closed: (reason) => events.closed(GONE.test(reason.message) ? gone : reason),
  });
  return {
    write: (bytes) => {
      if (bytes.length % USB_PACKET !== 0) return link.write(bytes);
      link.write(bytes.subarray(0, -1));
      link.write(bytes.subarray(-1));
    },
    restore: async () => {
      // The library sets a port up only when it opens it. Windows lets nobody else change a port that is open.
      if (process.platform !== 'win32') await close(await openPort(options, device, false));
    },
    close: async () => {
      await link.close();
      await close(port);
    },
  };
}

/** A new object for each connection: after an error, the state of the old one is undefined. */
async function openPort(
  { path, baudRate, rtscts }: SerialOptions,
  device: string,
  lock: boolean,
): Promise<SerialPort> {
  const { SerialPort: Port } = await load();
  const port = new Port({ path: device, baudRate, rtscts, lock, autoOpen: false });
  await new Promise<void>((resolve, reject) =>
    port.open((error) => (error ? reject(explain(path, error)) : resolve())),
  );
  return port;
}

/** The library configures and locks the tty. Reading and writing it directly takes half the CPU time. Windows has no ttys. */
async function streamOf(port: SerialPort): Promise<Duplex> {
  if (process.platform === 'win32') return port;
  try {
    return openTty(port.path);
  } catch (error) {
    await close(port);
    throw explain(port.path, error as Error);
  }
}

/** Closes the port, which can be opened again after the returned promise resolves. */
function close(port: SerialPort): Promise<void> {
  return new Promise((resolve) => {
    if (!port.isOpen && !port.closing) return resolve();
    port.once('close', () => resolve());
    port.once('error', () => resolve());
    if (port.isOpen) port.close(() => resolve());
  });
}

/** Loaded on first use, so that the other transports work on a computer on which its native binary does not. */
async function load(): Promise<typeof import('serialport')> {
  try {
    return await import('serialport');
  } catch (error) {
    throw new Error(`serial ports cannot be used on this computer: ${String(error)}`, { cause: error });
  }
}

/** The error of the operating system as a reason, which comes first because a path can be long, and a remedy. */
function explain(path: string, { message }: Error): Error {
  if (/lock|busy/i.test(message))
    return new Error(
      `port in use by another program, such as ModemManager: ${path}. If there is none, set UV_USE_IO_URING=0`,
    );
  if (/permission|EACCES/i.test(message))
    return new Error(
      `no permission for the port ${path}: add the user that runs Node-RED to the group dialout`,
    );
  if (/no such file|ENOENT|not found/i.test(message))
    return new Error(`no such port: ${path}. Is the module plugged in and on?`);
  return new Error(`the port cannot be opened (${message}): ${path}`);
}
