/** The unsolicited result codes of chapter 3, and those of the module itself. */
import { integer, parseParameters } from '../at';
import { ends, type Ends } from './commands';

export type Urc =
  /** 3.1: a server was set up (0) or not. */
  | { readonly event: 'server/open'; readonly socketId: number; readonly result: number }
  /** 3.2: a client was connected (0) or not. */
  | { readonly event: 'client/open'; readonly socketId: number; readonly result: number }
  /** 3.3: a server accepted a connection. */
  | ({ readonly event: 'client/incoming'; readonly serverId: number; readonly socketId: number } & Ends)
  /** 3.4: there is something to read, on some firmware with its length. */
  | { readonly event: 'client/read'; readonly socketId: number; readonly length?: number }
  /** 3.5: the peer closed the connection, which may still hold unread data. */
  | { readonly event: 'client/close'; readonly socketId: number }
  /** Any other line: RDY, +CPIN: READY … */
  | { readonly event: 'other'; readonly line: string };

/** The fields of any line that came unasked. Never throws: what cannot be decoded is `other`. */
export function parseUrc(line: string): Urc {
  try {
    if (line.startsWith('+QFWDURC:')) return decode(line);
  } catch {
    // Line noise, or what no manual knows.
  }
  return { event: 'other', line };
}

function decode(line: string): Urc {
  const [event, id, ...rest] = parseParameters(line);
  const socketId = integer(id);
  switch (event?.toLowerCase()) {
    case 'server/open':
      return { event: 'server/open', socketId, result: integer(rest[0]) };
    case 'client/open':
      return { event: 'client/open', socketId, result: integer(rest[0]) };
    case 'client/incoming':
      return {
        event: 'client/incoming',
        serverId: socketId,
        socketId: integer(rest[0]),
        ...ends(rest.slice(1)),
      };
    case 'client/read':
      return { event: 'client/read', socketId, ...(rest[0] && { length: integer(rest[0]) }) };
    case 'client/close':
      return { event: 'client/close', socketId };
    default:
      return { event: 'other', line };
  }
}

/** The module has (re)started: every socket is gone and its settings are back to default. */
export function isStart(line: string): boolean {
  return line === 'RDY';
}

/** The module is going off. */
export function isPowerDown(line: string): boolean {
  return line === 'POWERED DOWN' || line === 'NORMAL POWER DOWN';
}

/** Whether a line never belongs to an answer. */
export function isUnsolicited(line: string): boolean {
  return isStart(line) || isPowerDown(line) || /^\+(QFWDURC|QIND|QUSIM):/.test(line);
}
