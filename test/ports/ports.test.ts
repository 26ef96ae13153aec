import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { linuxPorts } from '../../src/ports/linux-ports';
import { describePorts, interfaceOf } from '../../src/ports/ports';
import { defer } from '../support/cleanup';

const BY_ID = '/dev/serial/by-id/usb-Quectel_LTE_Module-if02-port0';

describe('describePorts', () => {
  const quectel = { manufacturer: 'Quectel,_Incorporated', vendorId: '2C7C', productId: '0125' };
  const ports = [
    { path: '/dev/ttyS0', links: [] },
    { path: '/dev/ttyUSB10', links: [], vendorId: '0403', productId: '6001', interface: '00' },
    { path: '/dev/ttyUSB3', links: [], ...quectel, interface: '03', lockedBy: 'minicom (7)' },
    { path: '/dev/ttyUSB2', links: ['/dev/serial/by-path/pci-1', BY_ID], ...quectel, interface: '02' },
  ];

  it('puts the AT port first, by its permanent name, then USB ports, then the rest', () => {
    assert.deepEqual(describePorts(ports, []), [
      {
        path: BY_ID,
        device: '/dev/ttyUSB2',
        manufacturer: 'Quectel, Incorporated',
        usbId: '2c7c:0125',
        interface: '02',
        isModule: true,
        isAtPort: true,
      },
      {
        path: '/dev/ttyUSB3',
        manufacturer: 'Quectel, Incorporated',
        usbId: '2c7c:0125',
        interface: '03',
        isModule: true,
        isAtPort: false,
        lockedBy: 'minicom (7)',
      },
      { path: '/dev/ttyUSB10', usbId: '0403:6001', interface: '00', isModule: false, isAtPort: false },
      { path: '/dev/ttyS0', isModule: false, isAtPort: false },
    ]);
  });

  it('shows which modem node uses a port, by whatever name', () => {
    const user = { id: 'm', name: 'Gateway' };
    for (const used of [BY_ID, '/dev/ttyUSB2']) {
      const [first] = describePorts(ports, [{ ...user, paths: ['', used] }]);
      assert.deepEqual(first?.usedBy, user);
    }
    const [, second] = describePorts(ports, [{ ...user, paths: ['/dev/ttyUSB3'] }]);
    assert.deepEqual([second?.usedBy, second?.lockedBy], [user, undefined]);
  });

  it('recognizes the AT port of an EC21, and no other port of it', () => {
    const ec21 = { path: 'COM5', links: [], vendorId: '2c7c', productId: '0121' };
    const marked = ['00', '01', '2', '03'].map(
      (number) => describePorts([{ ...ec21, interface: number }], [])[0]?.isAtPort,
    );
    assert.deepEqual(marked, [false, false, true, false]);
  });
});

describe('interfaceOf', () => {
  const cases: [name: string | undefined, expected: string | undefined][] = [
    [BY_ID, '02'],
    ['USB\\VID_2C7C&PID_0125&MI_03\\6&1A2B', '03'],
    ['/dev/ttyUSB2', undefined],
    [undefined, undefined],
  ];
  for (const [name, expected] of cases) {
    it(String(name), () => assert.equal(interfaceOf(name), expected));
  }
});

// Its paths are no names of files on Windows.
const describeOnUnix = process.platform === 'win32' ? describe.skip : describe;

describeOnUnix('linuxPorts', () => {
  /** A machine with a Quectel module, a built-in serial port and one that is not there. */
  async function machine() {
    const root = await mkdtemp(path.join(tmpdir(), 'qfwd-ports-'));
    defer(() => rm(root, { recursive: true }));
    const write = async (file: string, contents: string) => {
      await mkdir(path.dirname(path.join(root, file)), { recursive: true });
      await writeFile(path.join(root, file), contents);
    };
    const link = async (file: string, target: string) => {
      await mkdir(path.dirname(path.join(root, file)), { recursive: true });
      await symlink(path.join(root, target), path.join(root, file));
    };
    await write('sys/devices/usb1/1-1/idVendor', '2c7c\n');
    await write('sys/devices/usb1/1-1/idProduct', '0125\n');
    await write('sys/devices/usb1/1-1/manufacturer', 'Quectel\n');
    await write('sys/devices/usb1/1-1/1-1:1.2/bInterfaceNumber', '02\n');
    await write('sys/devices/usb1/1-1/1-1:1.2/ttyUSB2/driver', '');
    await link('sys/class/tty/ttyUSB2/device', 'sys/devices/usb1/1-1/1-1:1.2/ttyUSB2');
    await write('sys/class/tty/ttyUSB2/dev', '188:2\n');
    for (const [name, type] of Object.entries({ ttyS0: '4', ttyS1: '0' })) {
      const number = `4:${64 + Number(name.at(-1))}`;
      await write(`sys/devices/platform/${name}/driver`, '');
      await link(`sys/class/tty/${name}/device`, `sys/devices/platform/${name}`);
      await write(`sys/class/tty/${name}/type`, `${type}\n`);
      await write(`sys/class/tty/${name}/dev`, `${number}\n`);
      await write(`dev/${name}`, number);
    }
    await write('sys/class/tty/tty1/dev', '4:1\n');
    await write('dev/tty1', '4:1');
    await write('dev/log', '');
    /** A lock of minicom on this file. */
    const lock = async (file: string) => {
      const { ino } = await stat(path.join(root, file));
      await write('proc/locks', `1: FLOCK  ADVISORY  WRITE 4711 00:05:${ino} 0 EOF\n`);
      await write('proc/4711/comm', 'minicom\n');
    };
    const ports = async () => {
      const found = await linuxPorts(root, numberIn);
      return found.sort((a, b) => a.path.localeCompare(b.path));
    };
    return { root, write, link, lock, ports };
  }

  /** Only root can make device files: those of the machine hold their numbers. */
  async function numberIn(file: string): Promise<string | undefined> {
    const contents = await readFile(file, 'utf8').catch(() => '');
    return /^\d+:\d+$/.test(contents) ? contents : undefined;
  }

  const plain = {
    links: [],
    manufacturer: undefined,
    vendorId: undefined,
    productId: undefined,
    interface: undefined,
    lockedBy: undefined,
  };
  const builtIn = { path: '/dev/ttyS0', ...plain };
  const quectel = { manufacturer: 'Quectel', vendorId: '2c7c', productId: '0125', interface: '02' };

  it('reads ttys with a device, their USB data, links and locks', async () => {
    const { write, link, lock, ports } = await machine();
    await write('dev/ttyUSB2', '188:2');
    await link('dev/gateway', 'dev/ttyUSB2');
    await link(BY_ID, 'dev/ttyUSB2');
    await lock('dev/ttyUSB2');
    assert.deepEqual(await ports(), [
      builtIn,
      { path: '/dev/ttyUSB2', links: ['/dev/gateway', BY_ID], ...quectel, lockedBy: 'minicom (4711)' },
    ]);
  });

  it('leaves out ttys whose device file is missing, as in a container', async () => {
    const { ports } = await machine();
    assert.deepEqual(await ports(), [builtIn]);
  });

  it('finds a tty by its device number if its device file has another name', async () => {
    const { write, lock, ports } = await machine();
    await write('dev/modem', '188:2');
    // Another tty has its name.
    await write('dev/ttyUSB2', '188:7');
    await lock('dev/modem');
    const expected = { path: '/dev/modem', links: [], ...quectel, lockedBy: 'minicom (4711)' };
    assert.deepEqual(await ports(), [expected, builtIn]);
  });

  it('finds a tty whose only device file is one of by-id', async () => {
    const { write, ports } = await machine();
    await write(BY_ID, '188:2');
    assert.deepEqual(await ports(), [{ path: BY_ID, links: [], ...quectel, lockedBy: undefined }, builtIn]);
  });

  // Other systems number their devices otherwise.
  const itOnLinux = process.platform === 'linux' ? it : it.skip;

  itOnLinux('reads the number of a device file', async () => {
    const { write, root } = await machine();
    // Every machine has this one.
    await symlink('/dev/null', path.join(root, 'dev/gateway'));
    await write('sys/class/tty/ttyUSB2/dev', '1:3\n');
    const ports = await linuxPorts(root);
    assert.deepEqual(
      ports.map((port) => port.path),
      ['/dev/gateway'],
    );
  });

  it('finds nothing if there is nothing', async () => {
    assert.deepEqual(await linuxPorts('/nonexistent'), []);
  });
});
