import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { linuxPorts } from '../../../nodes/qfwd-modem/linux-ports';
import { describePorts, interfaceOf } from '../../../nodes/qfwd-modem/ports';
import { defer } from '../../support/cleanup';

const BY_ID = '/dev/serial/by-id/usb-Quectel_LTE_Module-if02-port0';

describe('describePorts', () => {
  const quectel = { manufacturer: 'Quectel,_Incorporated', vendorId: '2C7C', productId: '0125' };
  const ports = [
    { path: '/dev/ttyS0', links: [] },
    { path: '/dev/ttyUSB10', links: [], vendorId: '0403', productId: '6001', interface: '00' },
    { path: '/dev/ttyUSB3', links: [], ...quectel, interface: '03', lockedBy: 'minicom (7)' },
    { path: '/dev/ttyUSB2', links: ['/dev/serial/by-path/pci-1', BY_ID], ...quectel, interface: '02' },
  ];

  it('puts the AT port first, by its lasting name, then USB, then the rest', () => {
    assert.deepEqual(describePorts(ports, []), [
      {
        path: BY_ID,
        device: '/dev/ttyUSB2',
        manufacturer: 'Quectel, Incorporated',
        usbId: '2c7c:0125',
        interface: '02',
        isAtPort: true,
      },
      {
        path: '/dev/ttyUSB3',
        manufacturer: 'Quectel, Incorporated',
        usbId: '2c7c:0125',
        interface: '03',
        isAtPort: false,
        lockedBy: 'minicom (7)',
      },
      { path: '/dev/ttyUSB10', usbId: '0403:6001', interface: '00', isAtPort: false },
      { path: '/dev/ttyS0', isAtPort: false },
    ]);
  });

  it('tells which modem node uses a port, by whatever name', () => {
    const user = { id: 'm', name: 'Gateway' };
    for (const used of [BY_ID, '/dev/ttyUSB2']) {
      const [first] = describePorts(ports, [{ ...user, paths: ['', used] }]);
      assert.deepEqual(first?.usedBy, user);
    }
    const [, second] = describePorts(ports, [{ ...user, paths: ['/dev/ttyUSB3'] }]);
    assert.deepEqual([second?.usedBy, second?.lockedBy], [user, undefined]);
  });

  it('knows the EC21, and no other port of it', () => {
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

describe('linuxPorts', () => {
  /** A machine with a Quectel module, a built-in serial port and one that is not there. */
  async function machine(): Promise<string> {
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
    for (const [name, type] of Object.entries({ ttyS0: '4', ttyS1: '0' })) {
      await write(`sys/devices/platform/${name}/driver`, '');
      await link(`sys/class/tty/${name}/device`, `sys/devices/platform/${name}`);
      await write(`sys/class/tty/${name}/type`, `${type}\n`);
    }
    await write('sys/class/tty/tty1/dev', '4:1\n');
    await write('dev/ttyUSB2', '');
    await link(BY_ID, 'dev/ttyUSB2');
    const { ino } = await stat(path.join(root, 'dev/ttyUSB2'));
    await write('proc/locks', `1: FLOCK  ADVISORY  WRITE 4711 00:05:${ino} 0 EOF\n`);
    await write('proc/4711/comm', 'minicom\n');
    return root;
  }

  it('reads ttys with a device, their USB data, links and locks', async () => {
    const ports = await linuxPorts(await machine());
    const plain = { links: [], manufacturer: undefined, vendorId: undefined, productId: undefined };
    assert.deepEqual(
      ports.sort((a, b) => a.path.localeCompare(b.path)),
      [
        { path: '/dev/ttyS0', ...plain, interface: undefined, lockedBy: undefined },
        {
          path: '/dev/ttyUSB2',
          links: [BY_ID],
          manufacturer: 'Quectel',
          vendorId: '2c7c',
          productId: '0125',
          interface: '02',
          lockedBy: 'minicom (4711)',
        },
      ],
    );
  });

  it('finds nothing where there is nothing', async () => {
    assert.deepEqual(await linuxPorts('/nonexistent'), []);
  });
});
