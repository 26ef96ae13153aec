/** The unsolicited result codes of the TCP/IP application notes. */
import { integer, parseParameters } from '../at';
import { type SocketUrc, urcDecoder } from '../sockets';
import { socketIdIn } from './commands';

const OPEN_RESULT = /^\+QIOPEN: *\d+ *, *\d+$/;

/** Whether a line is one of these URCs. `+QIOPEN` also begins the response to a test command. */
export function isUnsolicited(line: string): boolean {
  return line.startsWith('+QIURC:') || OPEN_RESULT.test(line);
}

/** The line does not tell whether a server or a client was opened; see {@link TcpipCommands.onUrc}. */
export const decodeUrc = urcDecoder(isUnsolicited, decode);

function decode(line: string): SocketUrc {
  const [event = '', id, ...rest] = parseParameters(line);
  if (line.startsWith('+QIOPEN'))
    return { event: 'client/open', socketId: socketIdIn(event), result: integer(id) };
  switch (event.toLowerCase()) {
    case 'incoming': {
      const [serverId, ip = '', port] = rest;
      // The local end is not reported.
      const ends = { ip, port: integer(port), localIp: '', localPort: 0 };
      return { event: 'client/incoming', serverId: socketIdIn(serverId), socketId: socketIdIn(id), ...ends };
    }
    case 'incoming full':
      return { event: 'server/full' };
    case 'recv': {
      const [length = ''] = rest;
      return {
        event: 'client/read',
        socketId: socketIdIn(id),
        ...(/^\d+$/.test(length) && { length: integer(length) }),
      };
    }
    case 'closed':
      return { event: 'client/close', socketId: socketIdIn(id) };
    case 'pdpdeact':
      return { event: 'context/lost', pdpCid: integer(id) };
    default:
      return { event: 'other', line };
  }
}
