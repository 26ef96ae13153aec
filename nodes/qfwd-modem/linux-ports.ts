/** The serial ports of Linux: what sysfs says of each tty that has a device, its links, and who holds a lock on it. */
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { SystemPort } from './ports';

const LINK_FOLDERS = ['dev/serial/by-id', 'dev/serial/by-path'];

/** From a USB tty up to its interface and on to its device. */
const LEVELS = 4;

/** @param root `/`, or a folder with `dev`, `sys` and `proc` in it */
export async function linuxPorts(root: string): Promise<SystemPort[]> {
  const names = await readdir(path.join(root, 'sys/class/tty')).catch(() => []);
  const [links, locks] = await Promise.all([linksByTty(root), locksByInode(root)]);
  const ports = await Promise.all(
    names.map(async (name): Promise<SystemPort | undefined> => {
      const folder = await realpath(path.join(root, 'sys/class/tty', name, 'device')).catch(() => undefined);
      // The kernel lists serial ports of PCs that are not there, with type 0.
      if (!folder || (await text(path.join(root, 'sys/class/tty', name, 'type'))) === '0') return undefined;
      const find = (file: string) => textAbove(folder, file);
      return {
        path: `/dev/${name}`,
        links: links.get(name) ?? [],
        manufacturer: await find('manufacturer'),
        vendorId: await find('idVendor'),
        productId: await find('idProduct'),
        interface: await find('bInterfaceNumber'),
        lockedBy: await lockHolder(root, name, locks),
      };
    }),
  );
  return ports.filter((port) => port !== undefined);
}

async function linksByTty(root: string): Promise<Map<string, string[]>> {
  const links = new Map<string, string[]>();
  for (const folder of LINK_FOLDERS) {
    for (const link of await readdir(path.join(root, folder)).catch(() => [])) {
      const target = await realpath(path.join(root, folder, link)).catch(() => undefined);
      if (target === undefined) continue;
      const name = path.basename(target);
      links.set(name, [...(links.get(name) ?? []), path.join('/', folder, link)]);
    }
  }
  return links;
}

/** Which process holds a lock on which file. serialport, picocom and others lock the ports that they open. */
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
  tty: string,
  locks: Map<string, string>,
): Promise<string | undefined> {
  const inode = await stat(path.join(root, 'dev', tty)).then(
    ({ ino }) => String(ino),
    () => '',
  );
  const pid = locks.get(inode);
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
