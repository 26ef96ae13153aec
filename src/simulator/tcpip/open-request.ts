import type { PortName } from '../options';

export const SERVICE_TYPES = ['TCP', 'UDP', 'TCP LISTENER', 'UDP SERVICE'] as const;

/** `<access_mode>` of AT+QIOPEN. */
export const BUFFER = 0;
export const PUSH = 1;
export const TRANSPARENT = 2;

/** What a socket was opened with by AT+QIOPEN, or accepted with. */
export interface OpenRequest {
  readonly context: number;
  readonly id: number;
  readonly type: (typeof SERVICE_TYPES)[number] | 'TCP INCOMING';
  readonly host: string;
  readonly remotePort: number;
  readonly localPort: number;
  readonly mode: number;
  /** Where it was opened. */
  readonly port: PortName;
}
