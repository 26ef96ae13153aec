import type { ConnectionStream } from '../modem';

/** Ends a connection; resolves when the module has closed it. */
export async function ended(stream: ConnectionStream): Promise<void> {
  if (stream.closed) return;
  const closed = new Promise((resolve) => stream.once('close', resolve));
  stream.destroy();
  await closed;
}
