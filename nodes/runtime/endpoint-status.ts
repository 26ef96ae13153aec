/** The status of a server or client: the same in the flow and in the sidebar. */
import { type EndpointState, failureKind, type LinkState, type QfwdError } from '../../src/modem';
import { linkStatus, type StatusKey } from './flow-node';

/**
 * @param failure why it could not be opened
 * @returns `undefined` while it is open
 */
export function endpointStatus(
  link: LinkState,
  state: EndpointState,
  failure: QfwdError | undefined,
): StatusKey | undefined {
  const obstacle = linkStatus(link);
  if (obstacle) return obstacle;
  if (state === 'open') return undefined;
  if (state !== 'waiting') return state;
  if (failure?.obstacle) return failure.obstacle;
  const kind = failure && failureKind(failure);
  return kind ? `retrying-${kind}` : 'retrying';
}
