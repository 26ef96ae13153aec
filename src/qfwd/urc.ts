/** The unsolicited result codes of chapter 3. */
import { integer, parseParameters } from '../at';
import { type SocketUrc, urcDecoder } from '../sockets';
import { socketIdIn } from './limits';
import { endsIn } from './queries';

export const decodeUrc = urcDecoder(isUnsolicited, decode);

function decode(line: string): SocketUrc {
  const [event, id, ...rest] = parseParameters(line);
  const socketId = socketIdIn(id);
  switch (event?.toLowerCase()) {
    case 'server/open':
      return { event: 'server/open', socketId, result: integer(rest[0]) };
    case 'client/open':
      return { event: 'client/open', socketId, result: integer(rest[0]) };
    case 'client/incoming':
      return {
        event: 'client/incoming',
        serverId: socketId,
        socketId: socketIdIn(rest[0]),
        ...endsIn(rest.slice(1)),
      };
    case 'client/read':
      return { event: 'client/read', socketId, ...(rest[0] && { length: integer(rest[0]) }) };
    case 'client/close':
      return { event: 'client/close', socketId };
    default:
      return { event: 'other', line };
  }
}

/** Whether a line is one of these URCs. */
export function isUnsolicited(line: string): boolean {
  return line.startsWith('+QFWDURC:');
}
