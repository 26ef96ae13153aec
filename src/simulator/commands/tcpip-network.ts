import { isIP } from 'node:net';

import { loopbackAddress } from '../sockets/address';
import { TcpipError } from '../tcpip/errors';
import { urcs } from '../tcpip/urcs';
import type { Arguments } from './arguments';
import type { Command, CommandTable, Machine } from './command';

const DNS_SERVER = '127.0.0.53';
/** Seconds that a resolved address stays valid. */
const DNS_TTL = 300;
const PING_BYTES = 32;
const PING_TTL = 255;
const PING_MS = 1;

/** Commands for names, pings and the time, of a network that is this host. */
export function tcpipNetworkCommands(machine: Machine): CommandTable {
  return {
    '+QIDNSCFG': dnsServersCommand(machine),
    '+QIDNSGIP': resolveCommand(machine),
    '+QPING': pingCommand(machine),
    '+QNTP': timeCommand(machine),
  };
}

/** The context of a command; it must be active. */
function activeContext({ options, tcpip }: Machine, args: Arguments): number {
  const id = args.integer(1, options.contexts);
  if (!tcpip.contexts.isActive(id)) throw new TcpipError(561);
  return id;
}

/** The address of a host; undefined if its name is unknown. */
function resolve(host: string): string | undefined {
  if (isIP(host) !== 0) return host;
  return host.toLowerCase() === 'localhost' ? loopbackAddress(host, 'IP') : undefined;
}

function dnsServersCommand(machine: Machine): Command {
  let servers = [DNS_SERVER, DNS_SERVER];
  return {
    test: `+QIDNSCFG: (1-${machine.options.contexts}),<pridnsaddr>,<secdnsaddr>`,
    write(exchange, args) {
      const id = activeContext(machine, args);
      if (!args.more) exchange.info(`+QIDNSCFG: ${id},${servers.map((server) => `"${server}"`).join(',')}`);
      else servers = [args.string(), args.string(DNS_SERVER)];
      args.end();
    },
  };
}

function resolveCommand(machine: Machine): Command {
  const { options, tcpip } = machine;
  return {
    test: `+QIDNSGIP: (1-${options.contexts}),<hostname>`,
    write(exchange, args) {
      activeContext(machine, args);
      const address = resolve(args.string());
      args.end();
      const texts =
        address === undefined
          ? [urcs.unresolved(565)]
          : [urcs.resolved(1, options.dnsTtl ? DNS_TTL : undefined), urcs.address(address)];
      exchange.after(() => texts.forEach((text) => tcpip.urc(exchange.port, text)));
    },
  };
}

function pingCommand(machine: Machine): Command {
  const { options, tcpip } = machine;
  return {
    test: `+QPING: (1-${options.contexts}),<host>,(1-255),(1-10)`,
    write(exchange, args) {
      activeContext(machine, args);
      const address = resolve(args.string());
      args.integer(1, 255, 4);
      const count = args.integer(1, 10, 4);
      args.end();
      exchange.after(() => pings(address, count).forEach((text) => tcpip.urc(exchange.port, text)));
    },
  };
}

/** What a ping reports. Only this host answers. */
function pings(address: string | undefined, count: number): string[] {
  if (address === undefined) return ['+QPING: 565'];
  if (!isLoopback(address)) return ['+QPING: 569'];
  const answer = `+QPING: 0,"${address}",${PING_BYTES},${PING_MS},${PING_TTL}`;
  const summary = [0, count, count, 0, PING_MS, PING_MS, PING_MS].join(',');
  return [...Array.from({ length: count }, () => answer), `+QPING: ${summary}`];
}

function isLoopback(address: string): boolean {
  try {
    return loopbackAddress(address, isIP(address) === 6 ? 'IPV6' : 'IP') === address;
  } catch {
    return false;
  }
}

function timeCommand(machine: Machine): Command {
  const { options, tcpip } = machine;
  return {
    test: `+QNTP: (1-${options.contexts}),<server>,(1-65535)`,
    write(exchange, args) {
      activeContext(machine, args);
      const address = resolve(args.string());
      args.integer(1, 65_535, 123);
      args.end();
      const text = address === undefined ? '+QNTP: 565' : `+QNTP: 0,"${clock(new Date())}"`;
      exchange.after(() => tcpip.urc(exchange.port, text));
    },
  };
}

/** `yyyy/mm/dd,hh:mm:ss+zz`, in UTC. */
const clock = (now: Date): string =>
  `${now.toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ',')}+00`;
