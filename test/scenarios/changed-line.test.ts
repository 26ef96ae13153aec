import assert from 'node:assert/strict';

import type { Transport } from '../../src/at';
import type { SimulatedModule } from '../../src/simulator';
import { inProcessTransport } from '../../src/transport';
import { readyRig } from '../support/modem/rig';

type Change = (bytes: Buffer) => Buffer;

/** Whatever a line may do to bytes from the module. */
const CHANGES: Record<string, Change> = {
  'Telnet that doubles FF': (bytes) => replaced(bytes, 'ff', 'ffff'),
  'a tty that makes CR LF (icrnl)': (bytes) => replaced(bytes, '0d', '0a'),
  'a serial server that makes CR LF of LF': (bytes) => replaced(bytes, '0a', '0d0a'),
};

function replaced(bytes: Buffer, from: string, to: string): Buffer {
  return Buffer.from(
    bytes.toString('hex').replace(/../g, (byte) => (byte === from ? to : byte)),
    'hex',
  );
}

/** A port that may change bytes, until its settings are restored or it is reopened, if that helps. */
class ChangingPort {
  change: Change | undefined;
  restorations = 0;
  openings = 0;
  private readonly transport: Transport;

  constructor(
    module: SimulatedModule,
    private readonly remedy: 'restoring' | 'reopening' | 'none',
  ) {
    const port = inProcessTransport('the port', () => module.attach());
    this.transport = {
      ...port,
      open: async (events) => {
        this.openings++;
        if (this.remedy === 'reopening') this.change = undefined;
        const link = await port.open({
          ...events,
          data: (chunk) => events.data(this.change?.(chunk) ?? chunk),
        });
        return { ...link, restore: () => this.restore() };
      },
    };
  }

  get asTransport(): Transport {
    return this.transport;
  }

  private restore(): Promise<void> {
    this.restorations++;
    if (this.remedy === 'restoring') this.change = undefined;
    return Promise.resolve();
  }
}

async function changing(remedy: ConstructorParameters<typeof ChangingPort>[1]) {
  let port: ChangingPort | undefined;
  const rig = await readyRig({
    transport: (module) => (port = new ChangingPort(module, remedy)).asTransport,
  });
  const server = await rig.openServer();
  const collector = rig.collect();
  const { peer, socketId } = await server.connect();
  let written = 0;
  /** Has a few bytes arrive, some time after others. */
  const arrive = async (): Promise<string> => {
    const before = collector.data(socketId).length;
    peer.socket.write(Buffer.from(`${written++} \xff\r\nend`, 'latin1'));
    await rig.pass(10_000);
    return collector.data(socketId).subarray(before).toString('latin1');
  };
  return { rig, port: port!, collector, socketId, arrive, expected: () => `${written - 1} \xff\r\nend` };
}

describe('A line that begins to change received bytes', () => {
  for (const [what, change] of Object.entries(CHANGES)) {
    it(`is repaired by its settings at the first sign: ${what}`, async () => {
      const { rig, port, collector, arrive, expected } = await changing('restoring');
      port.change = change;
      await arrive();
      assert.ok(port.restorations > 0);
      assert.equal(port.change, undefined);
      // What was read meanwhile may be damaged, and that is told.
      assert.ok(collector.missed.all.length > 0);
      assert.equal(await arrive(), expected());
      assert.equal(port.openings, 1);
      assert.deepEqual(rig.warnings.all, []);
    });
  }

  it('is reopened if that does not help, and the connection continues', async () => {
    const { rig, port, arrive, expected } = await changing('reopening');
    port.change = CHANGES['Telnet that doubles FF'];
    for (let count = 0; count < 4; count++) await arrive();
    await rig.state('offline');
    await rig.until(() => rig.modem.state === 'ready');
    assert.equal(port.openings, 2);
    assert.equal(await arrive(), expected());
    assert.equal(rig.modem.garbledInARow, 0);
    assert.equal(rig.modem.counters.reconnects, 1);
  });

  it('is reported once with a remedy if nothing helps, and is not reopened repeatedly', async () => {
    const { rig, port, arrive } = await changing('none');
    port.change = CHANGES['Telnet that doubles FF'];
    for (let count = 0; count < 20; count++) await arrive();
    assert.equal(port.openings, 2);
    assert.equal(rig.modem.state, 'ready');
    assert.equal(rig.warnings.all.length, 1);
    assert.match(rig.warnings.all[0]!, /^the answers of the module are garbled: .* Telnet/);
    assert.ok(rig.modem.garbledInARow > 4);
    const { restorations } = port;
    await arrive();
    assert.equal(port.restorations, restorations);

    // It may begin again after it was good for a while.
    port.change = undefined;
    await arrive();
    assert.equal(rig.modem.garbledInARow, 0);
    port.change = CHANGES['Telnet that doubles FF'];
    for (let count = 0; count < 20; count++) await arrive();
    assert.equal(port.openings, 3);
    assert.equal(rig.warnings.all.length, 2);
  });
});
