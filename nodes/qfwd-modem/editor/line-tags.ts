/** To which socket a line of the AT log belongs, and whether it is part of a query. */
import type { LogLine } from '../answers';

export interface LineTag {
  readonly socketId?: number;
  /** A query of the driver or its response, which says nothing about data or events. */
  readonly isQuery: boolean;
}

/** Identifies the second port; see `Journal`. */
const SECOND = '[2] ';

const WITH_SOCKET =
  /^AT\+(?:QFWD(?:SEND|RECV|ACK|CLOSE|CFG|SEVER|CLIENT|STATE)|QI(?:SEND|SENDEX|RD|CLOSE|STATE))=(?:1,)?(\d+)/;
const OPENS_WITH_CONTEXT = /^AT\+QIOPEN=\d+,(\d+)/;
const URC = /^\+(?:QFWDURC|QIURC): "[^"]*",(\d+)/;
const FINAL = /^(?:OK|ERROR|NO CARRIER|SEND (?:OK|FAIL)|\+CM[ES] ERROR: .*)$/;
const QUERY =
  /^AT$|\?$|^AT\+(?:QFWDACK|QFWDSTATE|QISTATE|CSQ|CEER|QCCID|CGMM|CGMR|CGSN|QIGETERROR)\b|^AT\+QI(?:SEND|RD)=\d+,0$/;

const NOTHING: LineTag = { isQuery: false };

/** Takes the lines in their order, as a response has no mark of its own. */
export class LineTagger {
  /** The command that runs on each port. */
  private readonly running = new Map<string, LineTag>();

  tag({ direction, text }: Pick<LogLine, 'direction' | 'text'>): LineTag {
    if (direction === 'note') return NOTHING;
    const port = text.startsWith(SECOND) ? SECOND : '';
    const content = text.slice(port.length);
    if (direction === 'out' && content.startsWith('AT')) {
      const tag = tagOf(content);
      this.running.set(port, tag);
      return tag;
    }
    const [, socketId] = (direction === 'in' ? URC.exec(content) : undefined) ?? [];
    if (socketId !== undefined) return { socketId: Number(socketId), isQuery: false };
    const running = this.running.get(port) ?? NOTHING;
    if (FINAL.test(content)) this.running.delete(port);
    return running;
  }
}

function tagOf(command: string): LineTag {
  const [, socketId] = OPENS_WITH_CONTEXT.exec(command) ?? WITH_SOCKET.exec(command) ?? [];
  return { ...(socketId !== undefined && { socketId: Number(socketId) }), isQuery: QUERY.test(command) };
}
