import { stat } from 'node:fs/promises';
import type { SerialPort } from 'serialport';
import type { Link, LinkEvents, Transport } from '../at';

export interface SerialOptions {
  /** Such as `/dev/serial/by-id/usb-Quectel…-if02-port0` or `COM5`. */
  readonly path: string;
  readonly baudRate: number;
  /** RTS/CTS flow control. */
  readonly rtscts: boolean;
}

/** USB sends in packets of this size, and a write that fills the last one may stall on old kernels. */
const USB_PACKET = 512;

/** EIO, EBADF, ENXIO, ENODEV, as the system puts them. */
const GONE = /i\/o error|input\/output|bad file descriptor|no such device|not configured|disconnected/i;

/** How often to look whether the tty is still there, in ms. */
const LOOK_INTERVAL = 1000;

/** An AT port behind a serial port. */
export function serialTransport(options: SerialOptions): Transport {
  return { name: options.path, open: (events) => open(options, events) };
}

async function open({ path, baudRate, rtscts }: SerialOptions, events: LinkEvents): Promise<Link> {
  const { SerialPort } = await load();
  // Fresh each time: a port object that has failed once is not to be trusted again.
  const port = new SerialPort({ path, baudRate, rtscts, autoOpen: false });
  await new Promise<void>((resolve, reject) =>
    port.open((error) => (error ? reject(explain(path, error)) : resolve())),
  );
  let isOver = false;
  const end = (reason: Error): void => {
    if (isOver) return;
    isOver = true;
    events.closed(reason);
  };
  port.on('data', (chunk: Buffer) => events.data(chunk));
  const gone = new Error(`${path} has gone`);
  // A tty that vanishes says "end", "close" or both, or fails with whatever error its driver has for that.
  port.on('error', (error) => end(GONE.test(error.message) ? gone : error));
  port.on('end', () => end(gone));
  port.on('close', (error?: Error | null) => end(error && !GONE.test(error.message) ? error : gone));
  const cancelLooks = await noticeRemoval(path, () => end(gone));
  return {
    write: (bytes) => {
      if (bytes.length % USB_PACKET !== 0) return void port.write(bytes);
      port.write(bytes.subarray(0, -1));
      port.write(bytes.subarray(-1));
    },
    close: () => {
      isOver = true;
      cancelLooks();
      return close(port);
    },
  };
}

/**
 * A tty that is unplugged while it is being read gives end of file for ever, which the library takes for silence. That
 * it is no longer in the file system tells. @returns takes it back
 */
async function noticeRemoval(path: string, action: () => void): Promise<() => void> {
  const atFirst = await inodeOf(path);
  if (atFirst === undefined) return () => undefined;
  const look = async (): Promise<void> => {
    if ((await inodeOf(path)) !== atFirst) action();
  };
  const timer = setInterval(() => void look(), LOOK_INTERVAL);
  return () => clearInterval(timer);
}

function inodeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ ino }) => ino,
    () => undefined,
  );
}

/** A port that was lost is being closed already, and must not be opened again before that is done. */
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
