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

/** USB sends in packets of this size, and a write that fills the last one may stall on old kernels. */
const USB_PACKET = 512;

/** How the system puts it that a tty is no longer there: as an error, in words or by its name, or as the end of the file. */
const GONE =
  /\b(EIO|EBADF|ENXIO|ENODEV)\b|i\/o error|input\/output|bad file descriptor|no such device|not configured|disconnected|closed$/i;

/** An open serial port. */
export interface SerialLink extends Link {
  /**
   * Sets the port up as it was at its opening: another program may have changed that, such as switched echo on. What
   * waits in it, in either direction, may be thrown away. Rejects when the port cannot be set up.
   */
  restore(): Promise<void>;
}

export interface SerialTransport extends Transport {
  open(events: LinkEvents): Promise<SerialLink>;
}

/** An AT port behind a serial port. */
export function serialTransport(options: SerialOptions): SerialTransport {
  return { name: options.path, open: (events) => open(options, events) };
}

async function open(options: SerialOptions, events: LinkEvents): Promise<SerialLink> {
  const { path } = options;
  // What a link such as those of by-id stands for now: what is locked must be what is read.
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

/** Fresh each time: a port object that has failed once is not to be trusted again. */
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

/** The library sets a tty up and locks it, but takes twice the CPU to read and write it. Windows has no ttys. */
async function streamOf(port: SerialPort): Promise<Duplex> {
  if (process.platform === 'win32') return port;
  try {
    return openTty(port.path);
  } catch (error) {
    await close(port);
    throw explain(port.path, error as Error);
  }
}

/** A port must not be opened again before this is done. */
function close(port: SerialPort): Promise<void> {
  return new Promise((resolve) => {
    if (!port.isOpen && !port.closing) return resolve();
    port.once('close', () => resolve());
    port.once('error', () => resolve());
    if (port.isOpen) port.close(() => resolve());
  });
}

/** Loaded only now, so that a machine on which its binary does not work can still use the other transports. */
async function load(): Promise<typeof import('serialport')> {
  try {
    return await import('serialport');
  } catch (error) {
    throw new Error(`serial ports cannot be used on this machine: ${String(error)}`, { cause: error });
  }
}

/** What the operating system says, with what to do about it. */
function explain(path: string, error: Error): Error {
  return new Error(`${path} cannot be opened: ${error.message}${remedy(error.message)}`);
}

function remedy(message: string): string {
  if (/lock/i.test(message)) {
    return '. Another program has the port (ModemManager, another flow), or io_uring keeps it: set UV_USE_IO_URING=0';
  }
  if (/permission|EACCES/i.test(message)) return '. Add the user that runs Node-RED to the group dialout';
  if (/no such file|ENOENT|not found/i.test(message)) return '. Is the module plugged in and on?';
  return '';
}
