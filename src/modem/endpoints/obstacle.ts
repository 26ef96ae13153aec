/** Whether the SIM or the mobile network is why a socket could not be opened. */
import { AtError, plainCommand } from '../../at';
import type { QfwdError, QfwdErrorDetails } from '../errors';
import { askRegistration, isDenied, isRegistered } from '../link/registration';
import type { Session } from '../link/session';
import { failureKind } from './failure-kind';

type Obstacle = NonNullable<QfwdErrorDetails['obstacle']>;

const IN_WORDS: Readonly<Record<Obstacle, string>> = {
  'no-sim': 'there is no SIM: check whether it is in its place',
  locked: 'the SIM is locked: enter its PIN in the modem node, or unlock it in a phone',
  denied: 'the network rejects the SIM: ask the operator whether it is active and allowed in this device',
  'no-network': 'the module is not registered on a network: check antenna and SIM',
};

/** 3GPP TS 27.007 9.2.1: SIM not inserted. */
const NO_SIM = 10;

/** The same error; or one that tells the obstacle, if the module reports one, and what to do about it. */
export async function withObstacle(session: Session, error: QfwdError): Promise<QfwdError> {
  const kind = failureKind(error);
  const isOpenFailure = ['QFWD_REJECTED', 'QFWD_OPEN_FAILED', 'QFWD_TIMEOUT'].includes(error.code);
  // A port in use, and a peer that answers, have nothing to do with the network.
  if (!isOpenFailure || kind === 'in-use' || kind === 'refused') return error;
  const obstacle = await ask(session).catch(() => undefined);
  if (!obstacle) return error;
  const { result } = error;
  const given = result === undefined ? '' : ` (the module gave result ${result})`;
  return error.withMessage(`${IN_WORDS[obstacle]}${given}`, { obstacle });
}

/** Only what the module says clearly. */
async function ask({ lines }: Session): Promise<Obstacle | undefined> {
  const query = (text: string, prefix: string) => lines.execute(plainCommand(text, [prefix]));
  try {
    const said = (await query('AT+CPIN?', '+CPIN:')).at(-1) ?? '';
    if (/SIM (PIN|PUK)$|PH-/.test(said)) return 'locked';
  } catch (error) {
    return error instanceof AtError && error.cme === NO_SIM ? 'no-sim' : undefined;
  }
  const found = await askRegistration((text, prefix) => query(text, prefix).catch(() => undefined));
  if (found.length === 0 || found.some(isRegistered)) return undefined;
  return found.some(isDenied) ? 'denied' : 'no-network';
}
