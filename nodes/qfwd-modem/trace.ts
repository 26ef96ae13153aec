/**
 * Writes the AT commands and responses of a modem, with secrets masked: to the Node-RED log if the node is configured to,
 * and to stderr if the environment has `NODE_DEBUG=qfwd`.
 */
import { debuglog } from 'node:util';
import type { Node } from 'node-red';
import type { JournalEntry } from '../../src/modem';

type Write = (line: string) => void;

const SIGNS = { out: '>', in: '<', note: '!' } as const;

const debug = debuglog('qfwd');

/** `undefined` if neither is enabled, so that nothing is formatted. */
export function traceOf(
  node: Node,
  isLogged: boolean,
): ((direction: JournalEntry['direction'], text: string) => void) | undefined {
  const writers: Write[] = [];
  if (isLogged) writers.push((line) => node.log(line));
  if (debug.enabled) writers.push((line) => debug('%s %s', node.name ?? node.id, line));
  if (writers.length === 0) return undefined;
  return (direction, text) => {
    const line = `${SIGNS[direction]} ${text}`;
    for (const write of writers) write(line);
  };
}
