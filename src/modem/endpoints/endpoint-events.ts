import type { QfwdError } from '../errors';
import type { CloseReason, OpenEvent, SocketEvent } from '../sockets/events';
import type { EndpointHost } from './endpoint-host';

type Kind = 'server' | 'client';
type Known = Pick<EndpointHost, 'endsOf' | 'trafficOf'>;

export function openEvent(kind: Kind, socketId: number, known: Known): OpenEvent {
  return { event: `${kind}/open`, socketId, result: 0, ...known.endsOf(socketId) };
}

/** @param socketId of the attempt, if any */
export function failedEvent(kind: Kind, socketId: number | undefined, error: QfwdError): SocketEvent {
  const { message: reason, result } = error;
  return {
    event: `${kind}/failed`,
    ...(socketId !== undefined && { socketId }),
    ...(result !== undefined && { result }),
    reason,
  };
}

export function closeEvent(kind: Kind, socketId: number, reason: CloseReason, known: Known): SocketEvent {
  if (kind === 'server') return { event: 'server/close', socketId, reason };
  const [traffic, ends] = [known.trafficOf(socketId), known.endsOf(socketId)];
  return { event: 'client/close', reason, ...traffic, socketId, ...ends };
}
