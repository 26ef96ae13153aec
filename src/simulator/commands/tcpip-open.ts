import { isIPv6 } from 'node:net';

import type { Exchange } from '../line/exchange';
import { LOOPBACK } from '../sockets/address';
import { TCPIP_ERRORS, TcpipError, type TcpipCode } from '../tcpip/errors';
import { LAST_ID } from '../tcpip/family';
import { BUFFER, PUSH, SERVICE_TYPES, TRANSPARENT, type OpenRequest } from '../tcpip/open-request';
import { urcs } from '../tcpip/urcs';
import type { Arguments } from './arguments';
import type { Command, Machine } from './command';
import { goOnline } from './tcpip-mode';

const PORT = [0, 65_535] as const;
const BACKLOG = 5;
/** The address of a listener is always one of these, and says only whether it is IPv4 or IPv6. */
const PLACEHOLDERS: readonly string[] = Object.values(LOOPBACK);

/** AT+QIOPEN: the result follows as a URC. */
export function openCommand(machine: Machine): Command {
  const { options, tcpip } = machine;
  return {
    test: `+QIOPEN: (1-${options.contexts}),(0-${LAST_ID}),"TCP/UDP/TCP LISTENER/UDP SERVICE","<IP_address>/<domain_name>",<remote_port>,<local_port>,(0-2)`,
    async write(exchange, args) {
      const request = openRequest(machine, exchange, args);
      const { port, id, mode } = request;
      if (options.openRefused === 'error' || mode === TRANSPARENT) {
        const code = refusal(machine, request);
        if (code !== 0) throw new TcpipError(code);
      }
      if (mode === TRANSPARENT) {
        const code = await open(machine, request);
        if (code !== 0) throw new TcpipError(code);
        goOnline(machine, exchange, id);
        return;
      }
      const report = async () => {
        const code = refusal(machine, request) || (await open(machine, request));
        tcpip.lastError = code;
        tcpip.urc(port, urcs.open(id, code));
      };
      if (options.openOrder === 'urc-first') await report();
      else exchange.after(() => void report());
    },
  };
}

/** @throws what makes the command end with an error at once: a wrong parameter */
function openRequest({ options }: Machine, { port }: Exchange, args: Arguments): OpenRequest {
  const context = args.integer(1, options.contexts);
  const id = args.integer(0, LAST_ID);
  const type = args.word(SERVICE_TYPES);
  const host = args.string();
  const remotePort = args.integer(...PORT);
  const localPort = args.integer(...PORT, 0);
  const mode = args.integer(0, TRANSPARENT, options.modeLeftOut === 'push' ? PUSH : BUFFER);
  args.end();
  const isClient = type === 'TCP' || type === 'UDP';
  if (mode === TRANSPARENT && !isClient) throw new TcpipError(552);
  if (type === 'TCP LISTENER' && !PLACEHOLDERS.includes(host)) throw new TcpipError(552);
  if (isClient && remotePort === 0) throw new TcpipError(552);
  return { context, id, type, host, remotePort, localPort, mode, port };
}

/** Why a socket cannot be opened, before anything is tried; else 0. */
function refusal({ tcpip, options }: Machine, { id, context }: OpenRequest): TcpipCode {
  if (tcpip.isStuck) return 552;
  if (tcpip.has(id)) return 563;
  return tcpip.contexts.isActive(context) || options.withoutContext === 'activates' ? 0 : 561;
}

/** Opens a socket; resolves with the code of its result, or never if it is closed before. */
async function open({ tcpip, options }: Machine, request: OpenRequest): Promise<TcpipCode> {
  const { id, context } = request;
  try {
    if (!tcpip.contexts.isActive(context)) tcpip.contexts.activate(context);
  } catch {
    return 561;
  }
  tcpip.noteOpen(request);
  await tcpip.beginOpen(request);
  const code = codeOf(await start(tcpip.sockets, request));
  if (code !== 0 && options.failedOpen === 'keeps') tcpip.occupied.add(id);
  return code;
}

const codeOf = (result: number): TcpipCode => (result in TCPIP_ERRORS ? (result as TcpipCode) : 550);

function start(sockets: Machine['tcpip']['sockets'], request: OpenRequest): Promise<number> {
  const { id, type, host, remotePort, localPort, port: urcPort } = request;
  const ipVersion = isIPv6(host) ? 'IPV6' : 'IP';
  const common = { id, ipVersion, urcPort } as const;
  switch (type) {
    case 'TCP LISTENER':
      return sockets.openServer({ ...common, protocol: 'tcp', port: localPort, backlog: BACKLOG });
    case 'UDP SERVICE':
      return sockets.openService({ ...common, port: localPort });
    default: {
      const protocol = type === 'UDP' ? 'udp' : 'tcp';
      return sockets.openClient({ ...common, protocol, host, port: remotePort, localPort });
    }
  }
}
