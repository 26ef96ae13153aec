import assert from 'node:assert/strict';

import { MOST_CONNECTIONS } from '../../../src/modem/sockets/connection-table';
import { SocketBench } from '../../support/socket-bench';

const OK = '\r\nOK\r\n';

/** Information responses in one piece. */
const rows = (count: number, row: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => `\r\n${row(index)}\r\n`).join('');

describe('A module that reports too many sockets', () => {
  it('gets at most as many connections as a module can have, and one report of more', async () => {
    const bench = await SocketBench.ready();
    bench.modem.removeConsumer(bench.notes);
    const [port] = bench.model.ports;
    const { serverId } = bench.model;
    for (let id = 1; id <= MOST_CONNECTIONS + 500; id++) {
      port.say(`\r\n+QFWDURC: "client/incoming",${serverId},${id},"10.0.0.1",${id},"0.0.0.0",2020\r\n`);
    }
    while (port.transfer());
    assert.equal(bench.modem.connections().length, MOST_CONNECTIONS);
    assert.equal(bench.told.length, MOST_CONNECTIONS + 1);
    assert.equal(bench.warnings.length, 1);
    assert.match(bench.warnings[0]!, /more than 2048 connections/);
  });

  it('gets no more by a list, and nothing from rows that are no sockets', async () => {
    let isListing = false;
    const client = (index: number) =>
      `+QFWDCLIENT: ${index},"income","tcp","10.0.0.1",${(index % 65_535) + 1},"0.0.0.0",2020,"usbat"`;
    const bench = await SocketBench.ready({
      module: {
        answer: (line) => (isListing && line === 'AT+QFWDCLIENT?' ? [rows(66_000, client), OK] : undefined),
      },
    });
    isListing = true;
    bench.model.report('"client/read",9');
    await bench.quiet();
    const ids = bench.modem.connections().map(({ socketId }) => socketId);
    assert.equal(ids.length, MOST_CONNECTIONS);
    assert.ok(ids.every((id) => id >= 1 && id <= 65_535));
  });

  it('is not asked for the connections of every server', async () => {
    let isListing = false;
    const server = (index: number) => `+QFWDSEVER: ${index + 1},"tcp",${index + 1},"usbat"`;
    const bench = await SocketBench.ready({
      module: {
        answer: (line) => (isListing && line === 'AT+QFWDSEVER?' ? [rows(59_000, server), OK] : undefined),
      },
    });
    isListing = true;
    bench.commands();
    bench.model.report('"client/read",9');
    await bench.quiet();
    const asked = bench.commands().filter((line) => line.startsWith('AT+QFWDSTATE='));
    assert.ok(asked.length <= 256, String(asked.length));
  });
});
