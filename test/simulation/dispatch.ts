import { LENGTH } from './record';

/** A payload that the flow has given to the modem. */
export interface Dispatch {
  readonly label: string;
  readonly first: number;
  readonly count: number;
  /** The peer's, where the modem knows it. */
  readonly port: number | undefined;
  /** The code of its error, or `sent`; missing while it is under way. */
  outcome?: string;
  /** Bytes that the module had taken when it failed. */
  taken?: number;
}

/** The outcome of what a killed process was about to send. */
export const KILLED = 'killed';

export function isUnknown({ outcome }: Dispatch): boolean {
  return outcome === 'QFWD_UNKNOWN_OUTCOME' || outcome === KILLED;
}

/** Whether some of it may have reached the peer. */
export function mayArrive(dispatch: Dispatch): boolean {
  const { outcome, taken = 0, count } = dispatch;
  return (
    outcome === undefined ||
    outcome === 'sent' ||
    isUnknown(dispatch) ||
    (taken > 0 && count * LENGTH >= taken)
  );
}
