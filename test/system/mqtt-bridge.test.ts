import assert from 'node:assert/strict';
import { freePort } from '../support/free-port';
import type { Peer } from '../support/peers';
import { mqttBridge } from './support/flows';
import { hostileBytes, sha256 } from '../support/hostile';
import { Observer, startMosquitto } from './support/mosquitto';
import { startNodeRed } from './support/node-red';
import { reach } from './support/reach';
import { useScope } from './support/scope';

interface Bridge {
  readonly modem: string;
  readonly port: number;
}

interface Connection {
  readonly modem: string;
  readonly peer: Peer;
  /** As in topics. */
  readonly socketId: string;
}

interface State {
  readonly state: string;
  readonly reason?: string;
  readonly signal?: { readonly rssi: number };
}

/** The first that is published with this state. */
async function stateOf(observer: Observer, wanted: string): Promise<State> {
  for (;;) {
    const { payload } = await observer.next(/^qfwd\/modem-1\/state$/);
    const state = JSON.parse(payload.toString()) as State;
    if (state.state === wanted) return state;
  }
}

describe('the bridge to MQTT', () => {
  const scope = useScope();
  let brokerPort: number;
  let observer: Observer;

  beforeEach(async () => {
    brokerPort = await startMosquitto(scope);
    observer = await Observer.connect(scope, brokerPort);
  });

  /** Starts Node-RED with a module of its own for each modem. */
  async function startFleet(...modems: string[]): Promise<Bridge[]> {
    const fleet = await Promise.all(modems.map(async (modem) => ({ modem, port: await freePort() })));
    await Promise.all(
      fleet.map(async ({ modem, port }) => {
        const { program } = await startNodeRed(scope, mqttBridge(port, modem, brokerPort));
        await program.waitFor(/Connected to broker/);
      }),
    );
    return fleet;
  }

  /** Connects to a module, and waits for the broker to hear of it. */
  async function join({ modem, port }: Bridge): Promise<Connection> {
    const peer = await reach(port);
    for (;;) {
      const { topic, payload } = await observer.next(new RegExp(`^qfwd/${modem}/\\d+/event$`));
      const event = JSON.parse(payload.toString()) as { event: string; port?: number };
      if (event.event !== 'client/incoming' || event.port !== peer.port) continue;
      return { modem, peer, socketId: topic.split('/')[2]! };
    }
  }

  it('connects five modules to one broker: each has its topics, in both directions', async () => {
    const fleet = await startFleet('north', 'south', 'east', 'west', 'center');
    const connections = await Promise.all(fleet.map(join));
    for (const { modem, peer, socketId } of connections) {
      peer.socket.write(`from ${modem}`);
      const { topic, payload } = await observer.next(/\/rx$/);
      assert.deepEqual([topic, payload.toString()], [`qfwd/${modem}/${socketId}/rx`, `from ${modem}`]);
    }
    for (const { modem, socketId } of connections) {
      await observer.publish(`qfwd/${modem}/${socketId}/tx`, `to ${modem}`);
    }
    for (const { modem, peer } of connections) {
      assert.equal(await peer.text(`to ${modem}`.length), `to ${modem}`);
    }
    // Had one got another's message, it would stand before this.
    for (const { modem, socketId } of connections)
      await observer.publish(`qfwd/${modem}/${socketId}/tx`, '.');
    for (const { peer } of connections) assert.equal(await peer.text(1), '.');
  });

  it('carries hostile bytes unchanged, both ways', async () => {
    const [bridge] = await startFleet('modem-1');
    const { peer, socketId } = await join(bridge!);
    const bytes = hostileBytes(50_000, 'mqtt');
    peer.socket.write(bytes);
    assert.equal(sha256(await observer.bytes(/\/rx$/, bytes.length)), sha256(bytes));
    await observer.publish(`qfwd/modem-1/${socketId}/tx`, bytes);
    assert.equal(sha256(await peer.read(bytes.length)), sha256(bytes));
  });

  it('publishes what could not be sent, and the end of a connection', async () => {
    const [bridge] = await startFleet('modem-1');
    const { peer, socketId } = await join(bridge!);
    for (const id of ['4711', 'all']) await observer.publish(`qfwd/modem-1/${id}/tx`, 'to nobody');
    const errors = [await observer.next(/\/4711\/error$/), await observer.next(/\/all\/error$/)];
    assert.deepEqual(
      errors.map(({ payload }) => (JSON.parse(payload.toString()) as { code: string }).code),
      ['QFWD_CLOSED', 'QFWD_INVALID'],
    );
    peer.socket.destroy();
    const { payload } = await observer.next(new RegExp(`/${socketId}/event$`));
    assert.match(payload.toString(), /"event":"client\/close"/);
  });

  it('publishes the state of the modem, and that it is gone as last will', async () => {
    const port = await freePort();
    const { program } = await startNodeRed(scope, mqttBridge(port, 'modem-1', brokerPort));
    assert.equal((await stateOf(observer, 'ready')).signal?.rssi, -73);
    program.signal('SIGKILL');
    assert.match((await stateOf(observer, 'offline')).reason ?? '', /Node-RED/);
  });

  it('publishes the state as soon as the broker is there, and not only when it is time again', async () => {
    const latePort = await freePort();
    const flow = mqttBridge(await freePort(), 'modem-1', latePort).filter(({ type }) => type !== 'inject');
    const { program } = await startNodeRed(scope, flow);
    await program.waitFor(/Connection failed to broker/);
    await program.waitFor(/connected to the simulator/);
    await startMosquitto(scope, latePort);
    const late = await Observer.connect(scope, latePort);
    assert.equal((await stateOf(late, 'ready')).signal?.rssi, -73);
  });

  it('does not send what was retained before it started', async () => {
    await observer.publish('qfwd/modem-1/4711/tx', 'old', true);
    const [bridge] = await startFleet('modem-1');
    await join(bridge!);
    await observer.publish('qfwd/modem-1/4712/tx', 'new');
    const { topic } = await observer.next(/\/error$/);
    assert.equal(topic, 'qfwd/modem-1/4712/error');
  });
});
