import type { Duplex } from 'node:stream';
import type { Link, LinkEvents } from '../at';

/** A link over any stream. "end", "close" and "error" all end the link, and are reported once. */
export function linkOver(stream: Duplex, name: string, events: LinkEvents): Link {
  let isOver = false;
  const end = (reason: Error): void => {
    if (isOver) return;
    isOver = true;
    events.closed(reason);
  };
  stream.on('data', events.data);
  stream.on('error', end);
  stream.on('end', () => end(new Error(`${name} has closed`)));
  stream.on('close', () => end(new Error(`${name} was closed`)));
  return {
    write: (bytes) => void stream.write(bytes),
    close: () => {
      isOver = true;
      return new Promise((resolve) => {
        if (stream.closed) return resolve();
        stream.once('close', resolve);
        stream.destroy();
      });
    },
  };
}
