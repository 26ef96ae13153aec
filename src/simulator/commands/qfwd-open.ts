import { AtError } from '../errors';
import type { Exchange } from '../line/exchange';
import { PORT_NAMES, type PortName } from '../options';
import { endpoints, urcs } from '../urc';
import type { Arguments } from './arguments';
import type { Command, Machine } from './command';

const ID = [1, 65_535] as const;
const PORT = [1, 65_535] as const;
const IP_VERSIONS = ['IP', 'IPV6'] as const;
const PROTOCOLS = ['tcp', 'udp'] as const;
const IDLE_TIMEOUT_DEFAULT = 60;

const FAMILY = '("IP","IPV6"),("tcp","udp")';
const URC_PORTS = '("uart1","usbat","usbmodem")';

/** AT+QFWDSEVER (manual 2.1); the name depends on the option `names`. */
export function serverCommand(name: string, machine: Machine): Command {
  const { options, sockets } = machine;
  const example = options.args === 'example';
  return {
    test: example
      ? `+${name}: (1-65535),<apn>,${FAMILY},(1-65535),(1-10)`
      : `+${name}: (0-16),(1-65535),${FAMILY},(1-65535),(1-10),(1-65535),${URC_PORTS}`,
    read: (exchange) =>
      sockets.servers
        .filter(({ state }) => options.listOpening || state === 'open')
        .forEach(({ setup, urcPort }) =>
          exchange.info(`+${name}: ${setup.id},"${setup.protocol}",${setup.port},"${urcPort}"`),
        ),
    write: (exchange, args) => {
      const setup = {
        ...(example ? exampleFamily(args) : family(args)),
        port: args.integer(...PORT),
        backlog: args.integer(1, 10),
        idleTimeout: example ? IDLE_TIMEOUT_DEFAULT : args.integer(1, 65_535, IDLE_TIMEOUT_DEFAULT),
        urcPort: example ? options.urc : args.word(PORT_NAMES, options.urc),
      };
      args.end();
      return open(machine, exchange, setup, () => sockets.openServer(setup), urcs.serverOpen);
    },
  };
}

/** AT+QFWDCLIENT (manual 2.2). */
export function clientCommand(machine: Machine): Command {
  const { options, sockets } = machine;
  return {
    test: `+QFWDCLIENT: (0-16),(1-65535),${FAMILY},<remote_addr>,<1-65535>,${URC_PORTS}`,
    read: (exchange) =>
      sockets.connections
        .filter(({ state }) => options.listOpening || state === 'open')
        .forEach(({ id, serverId, protocol, remote, local, urcPort }) => {
          const direction = serverId === undefined ? 'active' : 'income';
          exchange.info(
            `+QFWDCLIENT: ${id},"${direction}","${protocol}",${endpoints(remote, local)},"${urcPort}"`,
          );
        }),
    write: (exchange, args) => {
      const setup = {
        ...family(args),
        host: args.string(),
        port: args.integer(...PORT),
        urcPort: args.word(PORT_NAMES, options.urc),
      };
      args.end();
      return open(machine, exchange, setup, () => sockets.openClient(setup), urcs.clientOpen);
    },
  };
}

/** `<pdp_cid>,<socket_id>,<ip_vsn>,<protocol_type>`, as in chapter 2 of the manual. */
function family(args: Arguments) {
  args.integer(0, 16);
  const id = args.integer(...ID);
  return { id, ...addressing(args) };
}

/** `<socket_id>,<apn>,<ip_vsn>,<protocol_type>`, as in the server example of chapter 4. */
function exampleFamily(args: Arguments) {
  const id = args.integer(...ID);
  args.string();
  return { id, ...addressing(args) };
}

function addressing(args: Arguments) {
  return { ipVersion: args.word(IP_VERSIONS), protocol: args.word(PROTOCOLS) };
}

/** Opens a socket and reports the result before or after OK, depending on the option `openOrder`. */
async function open(
  { options, sockets, urc: send }: Machine,
  exchange: Exchange,
  { id, urcPort }: { id: number; urcPort: PortName },
  start: () => Promise<number>,
  urc: (id: number, result: number) => string,
): Promise<void> {
  if (sockets.has(id)) throw new AtError(563);
  const report = async () => send(urc(id, await start()), urcPort);
  if (options.openOrder === 'urc-first') await report();
  else exchange.after(() => void report());
}
