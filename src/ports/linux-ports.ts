/** The serial ports of Linux: each tty with a device, with its sysfs attributes, its names and the process that locks it. */
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { SystemPort } from './ports';

/** Where device files and links to them stand. A container may have few of them, and under other names. */
const DEVICE_FOLDERS = ['dev', 'dev/serial/by-id', 'dev/serial/by-path'];

/** From a USB tty up to its interface and on to its device. */
const LEVELS = 4;

/** The number of a device, as `major:minor`; `undefined` of what is no character device. */
export type DeviceNumber = (file: string) => Promise<string | undefined>;

/** @param root `/`, or a folder with `dev`, `sys` and `proc` in it */
export async function linuxPorts(root: string, deviceNumber: DeviceNumber = numberOf): Promise<SystemPort[]> {
  const names = await readdir(path.join(root, 'sys/class/tty')).catch(() => []);
  const [files, locks] = await Promise.all([filesByNumber(root, deviceNumber), locksByInode(root)]);
  const ports = await Promise.all(
    names.map(async (name): Promise<SystemPort | undefined> => {
      const sys = path.join(root, 'sys/class/tty', name);
      const folder = await realpath(path.join(sys, 'device')).catch(() => undefined);
      const known = files.get((await text(path.join(sys, 'dev'))) ?? '') ?? [];
      const own = `/dev/${name}`;
      const [main, ...others] = [
        ...known.filter((file) => file === own),
        ...known.filter((file) => file !== own),
      ];
      // The kernel also lists built-in serial ports that do not exist, with type 0.
      if (!folder || !main || (await text(path.join(sys, 'type'))) === '0') return undefined;
      const find = (file: string) => textAbove(folder, file);
      return {
        path: main,
        links: others,
        manufacturer: await find('manufacturer'),
        vendorId: await find('idVendor'),
        productId: await find('idProduct'),
        interface: await find('bInterfaceNumber'),
        lockedBy: await lockHolder(root, known, locks),
      };
    }),
  );
  return ports.filter((port) => port !== undefined);
}

async function numberOf(file: string): Promise<string | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isCharacterDevice()) return undefined;
  return `${major(found.rdev)}:${minor(found.rdev)}`;
}

/** The numbers in a `dev_t` of Linux. */
function major(device: number): number {
  return (device >> 8) & 0xfff;
}

function minor(device: number): number {
  return (device & 0xff) | ((device >> 12) & 0xfff00);
}

/** All names of each device, device files first. */
async function filesByNumber(root: string, deviceNumber: DeviceNumber): Promise<Map<string, string[]>> {
  const files = new Map<string, string[]>();
  for (const folder of DEVICE_FOLDERS) {
    const names = await readdir(path.join(root, folder)).catch(() => []);
    const numbers = await Promise.all(names.map((name) => deviceNumber(path.join(root, folder, name))));
    for (const [at, name] of names.entries()) {
      const number = numbers[at];
      if (number !== undefined)
        files.set(number, [...(files.get(number) ?? []), path.join('/', folder, name)]);
    }
  }
  return files;
}

/** Which process locks which file. serialport, picocom and other programs lock the ports that they open. */
async function locksByInode(root: string): Promise<Map<string, string>> {
  const table = (await text(path.join(root, 'proc/locks'))) ?? '';
  const locks = new Map<string, string>();
  for (const [, pid = '', inode = ''] of table.matchAll(/ (\d+) [0-9a-f]+:[0-9a-f]+:(\d+) /gi)) {
    locks.set(inode, pid);
  }
  return locks;
}

async function lockHolder(
  root: string,
  files: readonly string[],
  locks: Map<string, string>,
): Promise<string | undefined> {
  const inodes = await Promise.all(
    files.map((file) =>
      stat(path.join(root, file)).then(
        ({ ino }) => String(ino),
        () => '',
      ),
    ),
  );
  const pid = inodes.map((inode) => locks.get(inode)).find((holder) => holder !== undefined);
  if (pid === undefined) return undefined;
  const name = await text(path.join(root, 'proc', pid, 'comm'));
  return name === undefined ? pid : `${name} (${pid})`;
}

async function textAbove(folder: string, file: string): Promise<string | undefined> {
  for (let level = 0, at = folder; level < LEVELS; level++, at = path.dirname(at)) {
    const found = await text(path.join(at, file));
    if (found !== undefined) return found;
  }
  return undefined;
}

function text(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').then(
    (contents) => contents.trim(),
    () => undefined,
  );
}
