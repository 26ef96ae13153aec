import assert from 'node:assert/strict';

import { settled } from '../../support/manual-clock';
import { SocketBench } from '../../support/socket-bench';

const ONE = { ip: '10.0.0.2', port: 5683 };
const OTHER = { ip: '10.0.0.3', port: 5683 };
const reads = (lines: readonly string[]) => lines.filter((line) => line.startsWith('AT+QFWDRECV=2'));

/** A connection whose URCs go to the second port, whose line is slower than the first. */
async function reporting({ isSecondDeaf = false } = {}) {
  const bench = await SocketBench.ready({
    hasSecond: true,
    module: { reports: 1, isSecondDeaf },
    modem: { parallel: false },
  });
  await bench.pass(20_000);
  const one = bench.model.connect(ONE)!;
  await bench.pass(20_000);
  const [first, second] = bench.model.ports;
  bench.commands();
  return { bench, one, first, second };
}

/** The first port transfers everything at once; the second only when the test says so. */
async function firstPort({ clock, model }: SocketBench, ms = 0): Promise<void> {
  const [first] = model.ports;
  for (let passed = 0; passed <= ms; passed += 50) {
    do await settled();
    while (first.execute() || first.answer() || first.transfer());
    if (ms > 0) await clock.advance(50);
  }
}

describe('A second port that only receives URCs', () => {
  it('is used to read the connections whose URCs it receives, and for nothing else', async () => {
    const { bench, one, first, second } = await reporting();
    bench.model.send(one, 'hello');
    await bench.pass(2000);
    assert.deepEqual(bench.notes.byPeer, { [`${ONE.ip}:${ONE.port}`]: 'hello' });
    assert.ok(reads(second.commands).length > 0);
    assert.deepEqual(reads(first.commands), []);
    await Promise.all([bench.modem.send(one.id, Buffer.from('answer'), 1000), bench.pass(500)]);
    assert.ok(first.commands.includes('AT+QFWDSEND=2,0'));
    assert.ok(!second.commands.includes('AT+QFWDSEND=2,0'));
  });

  it('loses no URC that is received while it is set up', async () => {
    const { bench, second } = await reporting();
    second.lose();
    await bench.pass(20_000);
    const one = bench.model.connect({ ...ONE, port: 1 })!;
    bench.model.send(one, 'hello');
    bench.model.end(one);
    await bench.pass(2000);
    assert.equal(bench.notes.byPeer[`${ONE.ip}:1`], 'hello');
  });

  it('that runs no commands still receives URCs, and its connections are read once a list shows them', async () => {
    const { bench, one, first } = await reporting({ isSecondDeaf: true });
    bench.model.send(one, 'hello');
    await bench.pass(2000);
    assert.deepEqual(bench.notes.byPeer, { [`${ONE.ip}:${ONE.port}`]: 'hello' });
    const [read] = reads(first.commands);
    const [listed] = first.commands.filter((line) => line === 'AT+QFWDCLIENT?');
    assert.ok(first.commands.indexOf(read!) < first.commands.indexOf(listed!));
    assert.deepEqual(bench.problems, []);
  });

  it('that runs no commands and is slow causes no data to be delivered to another connection', async () => {
    const { bench, one } = await reporting({ isSecondDeaf: true });
    bench.model.send(one, 'x');
    await bench.pass(20_000);
    bench.model.end(one);
    const other = bench.model.connect(OTHER)!;
    assert.equal(other.id, one.id);
    bench.model.send(other, 'of the other');
    // The first port has everything long before the second reports the other connection.
    await firstPort(bench, 12_000);
    await bench.pass(20_000);
    const { [`${ONE.ip}:${ONE.port}`]: ofTheOne = '' } = bench.notes.byPeer;
    assert.equal(ofTheOne, 'x');
    if (!bench.notes.byPeer[`${OTHER.ip}:${OTHER.port}`]) {
      assert.equal(bench.notes.missed[0]?.error.code, 'QFWD_UNKNOWN_OUTCOME');
    }
  });

  it('that belongs to another module is reported, and its URCs are ignored', async () => {
    const answers = ['861107030000017', '861107030000018'];
    const bench = new SocketBench({
      hasSecond: true,
      module: {
        answer: (line) => (line === 'AT+CGSN' ? [`\r\n${answers.shift()}\r\n`, '\r\nOK\r\n'] : undefined),
      },
      modem: { parallel: false },
    });
    bench.modem.start();
    await bench.until(() => bench.problems.length > 0);
    assert.match(bench.problems[0]!.message, /another module/);
  });
});

describe('URCs on both of two ports', () => {
  it('do not lead to data of a closed connection being delivered to the next one', async () => {
    const { bench, one, second } = await reporting();
    // URCs of its server go to the first port from now on.
    bench.model.servers.set(bench.model.serverId, 0);
    const before = bench.model.connect({ ...OTHER, port: 9 })!;
    await bench.pass(1000);
    bench.model.end(one);
    const other = bench.model.connect(OTHER)!;
    assert.equal(other.id, one.id);
    bench.model.send(other, 'of the other');
    assert.ok(second.transfer());
    await settled();
    await bench.pass(5000);
    const { [`${ONE.ip}:${ONE.port}`]: ofTheOne = '', [`${OTHER.ip}:${OTHER.port}`]: ofTheOther = '' } =
      bench.notes.byPeer;
    assert.equal(ofTheOne, '');
    assert.ok(ofTheOther === 'of the other' || bench.notes.missed.length > 0);
    assert.ok(before.isOpen);
  });
});
