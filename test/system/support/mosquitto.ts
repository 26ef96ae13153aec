import { EventEmitter, once } from 'node:events';
import { connectAsync, type MqttClient } from 'mqtt';
import { freePort } from '../../support/free-port';
import { Program } from './program';
import type { Scope } from './scope';

/** Starts an MQTT broker on this port of the loopback, or on a free one; resolves with it once it can be used. */
export async function startMosquitto(scope: Scope, wanted?: number): Promise<number> {
  const port = wanted ?? (await freePort());
  const mosquitto = new Program(scope, 'mosquitto', ['-p', String(port)], {
    env: { PATH: `${String(process.env.PATH)}:/usr/sbin` },
  });
  await mosquitto.waitFor(/mosquitto version \S+ running/);
  return port;
}

interface Published {
  readonly topic: string;
  readonly payload: Buffer;
}

/** Somebody who sees everything that goes through the broker. */
export class Observer {
  private readonly seen: Published[] = [];
  private readonly arrivals = new EventEmitter().setMaxListeners(0);

  private constructor(private readonly client: MqttClient) {
    client.on('message', (topic, payload) => {
      this.seen.push({ topic, payload });
      this.arrivals.emit('message');
    });
  }

  static async connect(scope: Scope, port: number): Promise<Observer> {
    const client = await connectAsync({ host: '127.0.0.1', port });
    scope.defer(() => client.endAsync(true));
    const observer = new Observer(client);
    await client.subscribeAsync('#', { qos: 1 });
    return observer;
  }

  async publish(topic: string, payload: string | Buffer, retain = false): Promise<void> {
    await this.client.publishAsync(topic, payload, { qos: 1, retain });
  }

  /** Takes the first message with such a topic, as soon as there is one. */
  async next(topic: RegExp): Promise<Published> {
    for (;;) {
      const at = this.seen.findIndex((published) => topic.test(published.topic));
      if (at >= 0) return this.seen.splice(at, 1)[0]!;
      await once(this.arrivals, 'message');
    }
  }

  /** Takes the payloads with such a topic until they are this long, joined in their order. */
  async bytes(topic: RegExp, length: number): Promise<Buffer> {
    let joined = Buffer.alloc(0);
    while (joined.length < length) joined = Buffer.concat([joined, (await this.next(topic)).payload]);
    return joined;
  }
}
