/** The trace of a modem in a file, for bug reports and tests. */
import path from 'node:path';
import type { Transport } from '../../src/at';
import { recordInFile } from '../../src/trace';

export interface TraceFileSettings {
  /** In the user directory unless it is absolute. */
  readonly file: string;
  readonly userDir: string | undefined;
  /** Commands that nobody may see. */
  readonly secrets: readonly string[];
  readonly onWarning: (text: string) => void;
}

/** Records the ports of a modem in a file while it runs. */
export interface PortTrace {
  around(transport: Transport, port: string): Transport;
  close(): void;
}

/** Records nothing if no file is set. */
export function portTrace({ file, userDir = '', secrets, onWarning }: TraceFileSettings): PortTrace {
  if (file === '') return { around: (transport) => transport, close: () => undefined };
  const { recorder, close } = recordInFile({
    path: path.resolve(userDir, file),
    appends: true,
    secrets: new Set(secrets),
    onError: ({ message }) => onWarning(`the trace is not written any more: ${message}`),
  });
  return { around: (transport, port) => recorder.around(transport, port), close };
}
