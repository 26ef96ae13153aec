/** A session with a module that is recorded with simulated modules, and played again to the driver: a server and a client. */
import { AllowList, type Connection, type EndpointObserver, type Modem } from '../../src/modem';

const PORTS = { server: 47_011, client: 47_012 } as const;

/** Payload that looks like a module. */
const RECEIVED = Buffer.from('\r\nOK\r\n> +QFWDURC: "client/close",1\r\n+QIURC: "closed",0\r\n'.repeat(20));
/** All values of a byte: what is no text is sent in another way with some modules. */
const SENT = Buffer.concat([
  Buffer.alloc(600, 'text '),
  Buffer.from(Array.from({ length: 256 }, (_, value) => value)),
]);

/** What the peers do. */
export const PEERS = { ports: PORTS, sends: RECEIVED, endsAfter: SENT.length } as const;

/** What has come of it, for each owner of a socket. */
export interface Outcome {
  readonly events: readonly string[];
  /** Bytes received and sent. */
  readonly received: number;
  readonly sent: number;
}

type Owner = keyof typeof PORTS;

export const EXPECTED: Readonly<Record<Owner, Outcome>> = {
  server: outcome(['server/open', 'client/incoming', 'client/close', 'server/close']),
  client: outcome(['client/open', 'client/close']),
};

function outcome(events: readonly string[]): Outcome {
  return { events, received: RECEIVED.length, sent: SENT.length };
}

const COMMON = { pdpCid: 0, ipVersion: 'IP', protocol: 'tcp', urcPort: 'usbat' } as const;

/**
 * Runs the session with a modem that has been started.
 * @param onListening the server is open: its peer can connect
 */
export async function session(
  modem: Modem,
  onListening: () => void = () => undefined,
): Promise<Record<Owner, Outcome>> {
  const events: Record<Owner, string[]> = { server: [], client: [] };
  const received: Record<string, number> = { server: 0, client: 0 };
  const sent: Record<string, number> = { server: 0, client: 0 };
  let wake = (): void => undefined;
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise<void>((resolve) => (wake = resolve));
  };
  const observer = (owner: Owner): EndpointObserver => ({
    onEvent: ({ event }) => {
      events[owner].push(event);
      wake();
    },
    onState: () => undefined,
    onError: (error) => {
      throw error;
    },
  });
  const answer = async ({ owner = '' }: Connection): Promise<void> => {
    const [connection] = modem.connections().filter((it) => it.owner === owner);
    if (!connection || received[owner] !== RECEIVED.length) return;
    sent[owner] = (await modem.send(connection, SENT, 60_000)).bytes;
    wake();
  };
  modem.addConsumer({
    mode: 'auto',
    covers: () => true,
    isPaused: () => false,
    take: (connection, data) => {
      received[connection.owner ?? ''] = (received[connection.owner ?? ''] ?? 0) + data.length;
      void answer(connection);
    },
    end: () => undefined,
    miss: () => undefined,
  });
  const server = { ...COMMON, port: PORTS.server, backlog: 5, idleTimeout: 3600, maxClients: 0 };
  const listener = modem.endpoints.declareServer(
    'server',
    { ...server, allow: new AllowList() },
    true,
    observer('server'),
  );
  await until(() => events.server.includes('server/open'));
  onListening();
  await until(() => events.server.includes('client/close') && sent.server === SENT.length);
  const client = { ...COMMON, host: '127.0.0.1', port: PORTS.client, reconnect: false };
  modem.endpoints.declareClient('client', client, true, observer('client'));
  await until(() => events.client.includes('client/close') && sent.client === SENT.length);
  await listener.closeAndTell();
  const of = (owner: Owner): Outcome => ({
    events: events[owner],
    received: received[owner] ?? 0,
    sent: sent[owner] ?? 0,
  });
  return { server: of('server'), client: of('client') };
}
