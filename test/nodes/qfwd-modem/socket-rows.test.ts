import assert from 'node:assert/strict';
import type { ModemSnapshot, SocketSnapshot } from '../../../nodes/qfwd-modem/answers';
import { type Names, type SocketRow, socketRows } from '../../../nodes/qfwd-modem/editor/socket-rows';

describe('The rows of sockets', () => {
  const labels: Record<string, string> = { s: 'My server', c: 'My client' };
  const names: Names = {
    labelOf: (id) => labels[id],
    say: (key) => key.slice(key.lastIndexOf('.') + 1),
  };

  const traffic = { bytesIn: 1, bytesOut: 2, age: 3, silence: 4 };
  const socket = (socketId: number, more: Partial<SocketSnapshot> = {}): SocketSnapshot => ({
    socketId,
    protocol: 'tcp',
    state: 'open',
    ...traffic,
    ...more,
  });
  const endpoint = (owner: string, kind: 'server' | 'client', status?: string, socketId?: number) =>
    ({
      owner,
      kind,
      state: 'open',
      protocol: 'tcp',
      ...(status !== undefined && { status }),
      ...(socketId !== undefined && { socketId }),
    }) as const;

  function shown(endpoints: ModemSnapshot['endpoints'], sockets: readonly SocketSnapshot[]): string[] {
    return socketRows(endpoints, sockets, names).map(
      ({ socketId, peer, indent, traffic: bytes }: SocketRow) =>
        [indent ? '-' : '', socketId ?? '?', peer, bytes ? `${bytes.in}/${bytes.out}` : ''].join(' ').trim(),
    );
  }

  it('have connections below their server, then clients, then sockets that no node has declared', () => {
    assert.deepEqual(
      shown(
        [endpoint('c', 'client', undefined, 8), endpoint('s', 'server', undefined, 7)],
        [
          socket(9, { ip: 'fe80::1', port: 1, owner: 's' }),
          socket(8, { ip: '10.0.0.1', port: 80, owner: 'c' }),
          socket(3, { ip: '10.0.0.2', port: 81 }),
        ],
      ),
      [
        '7 My server',
        '- 9 tcp [fe80::1]:1 1/2',
        '8 My client · tcp 10.0.0.1:80 1/2',
        '3 tcp 10.0.0.2:81 1/2',
      ],
    );
  });

  it('show both ends of a forwarded connection, with the node that forwards it', () => {
    const otherEnd = '127.0.0.1:5000';
    assert.deepEqual(
      shown(
        [endpoint('s', 'server', undefined, 7), endpoint('c/1', 'client', undefined, 8)],
        [
          socket(9, { ip: '10.0.0.1', port: 1, owner: 's', otherEnd }),
          socket(8, { ip: '10.0.0.2', port: 80, owner: 'c/1', otherEnd }),
        ],
      ),
      [
        '7 My server',
        '- 9 tcp 10.0.0.1:1 ⇄ 127.0.0.1:5000 1/2',
        '8 My client · tcp 10.0.0.2:80 ⇄ 127.0.0.1:5000 1/2',
      ],
    );
  });

  it('show what a socket that is not open is doing, and the kind of a node that is not in the editor', () => {
    assert.deepEqual(shown([endpoint('s', 'server', 'offline'), endpoint('x', 'client', 'opening')], []), [
      '? My server · offline',
      '? client · opening',
    ]);
  });

  it('link to the node, if there is one', () => {
    const rows = socketRows(
      [endpoint('s', 'server', undefined, 7), endpoint('x', 'client', 'closed')],
      [],
      names,
    );
    assert.deepEqual(
      rows.map(({ reveal }) => reveal),
      ['s', undefined],
    );
  });

  it('show a shared socket of a server that has no peer yet', () => {
    assert.deepEqual(shown([endpoint('s', 'server', undefined, 7)], [socket(7, { owner: 's' })]), [
      '7 My server',
      '- 7 ? 1/2',
    ]);
  });
});
