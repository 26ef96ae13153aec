/** What the module says of sockets: it holds until the socket is opened or closed. */
import { partsOf } from './answer';
import type { Turn } from './dialogue';
import { isReport } from './dialogue';

/** Lines of lists, with the socket id. */
const LINES = [/^\s*\+(?:QFWDSER?VER|QFWDCLIENT|QISTATE): ?(\d+)/, /^\s*\+QFWDS{1,3}TATE: ?\d+,(\d+)/];
/** Commands and reports of the end of a socket, with its id. */
const CLOSING = [
  /^AT\+(?:QFWDS?CLOSE|QICLOSE)=(\d+)/i,
  /^\s*\+Q\w*URC: ?"(?:client\/close|server\/close|closed)",(\d+)/,
];
/** Commands that open a socket, and reports of one that was accepted, with its id. */
const OPENING = [
  /^AT\+QFWD(?:SER?VER|CLIENT)=\d+,(\d+)/i,
  /^AT\+QFWDSER?VER=(\d+),"/i,
  /^AT\+QIOPEN=\d+,(\d+)/i,
  /^AT\+QSSLOPEN=\d+,\d+,(\d+)/i,
];
const INCOMING = /\+Q(?:FWDURC: ?"client\/incoming",\d+|IURC: ?"incoming"),(\d+)/;
const FIGURES = /^AT\+(?:QFWDACK|QIRD|QISEND)=(\d+)(?:,0)?$/i;

/**
 * A list as it is now.
 * @param last the answer that was given last
 * @param next the next answer in the trace, if there is one
 * @param between what has happened since the last answer
 */
export function listNow(last: string, next: string | undefined, between: readonly Turn[]): string {
  const { infos, result, rest } = partsOf(last);
  const closed = new Set(between.flatMap(closedBy));
  const known = new Set(infos.map(socketIdIn));
  const opened = partsOf(next ?? '').infos.filter((line) => {
    const socketId = socketIdIn(line);
    return socketId !== undefined && !known.has(socketId) && isOpened(socketId, between);
  });
  const kept = infos.filter((line) => !closed.has(socketIdIn(line) ?? NONE));
  return `${[...kept, ...opened].join('')}${result}${rest}`;
}

const NONE = -1;

function socketIdIn(line: string): number | undefined {
  return idBy(LINES, line);
}

function closedBy(turn: Turn): number[] {
  const socketId = idBy(CLOSING, isReport(turn) ? turn.text : turn.key);
  return socketId === undefined ? [] : [socketId];
}

/** Whether the host has opened a socket, or heard of it. */
export function isOpened(socketId: number, turns: readonly Turn[]): boolean {
  return turns.some((turn) => openedBy(turn).includes(socketId));
}

/** The sockets that begin with a command, or with a report in it or alone. */
export function openedBy(turn: Turn): number[] {
  const ids = isReport(turn) ? [acceptedBy(turn)] : [idBy(OPENING, turn.key), acceptedBy(turn)];
  return ids.filter((id) => id !== undefined);
}

/** The socket whose acceptance is reported. */
export function acceptedBy(turn: Turn): number | undefined {
  return idBy([INCOMING], isReport(turn) ? turn.text : turn.answer);
}

/** The socket whose figures a command asks for. */
export function socketOfFigures(key: string): number | undefined {
  return idBy([FIGURES], key);
}

function idBy(patterns: readonly RegExp[], text: string): number | undefined {
  const found = patterns.map((pattern) => pattern.exec(text)?.[1]).find((it) => it !== undefined);
  return found === undefined ? undefined : Number(found);
}
