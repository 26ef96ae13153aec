/** Whether the SIM or the mobile network is why a socket could not be opened. */
import { AtError, plainCommand } from '../../at';
import { QfwdError, type QfwdErrorDetails } from '../errors';
import { askRegistration, isDenied, isRegistered } from '../link/registration';
import type { Session } from '../link/session';
import { failureKind } from './failure-kind';

type Obstacle = NonNullable<QfwdErrorDetails['obstacle']>;

const IN_WORDS: Readonly<Record<Obstacle, string>> = {
  'no-sim': 'there is no SIM',
  locked: 'the SIM is locked',
  denied: 'the network rejects the SIM',
  'no-network': 'the module is not registered on a network',
};

/** 3GPP TS 27.007 9.2.1: SIM not inserted. */
const NO_SIM = 10;

/** The same error, with the obstacle if the module reports one. */
export async function withObstacle(session: Session, error: QfwdError): Promise<QfwdError> {
  const kind = failureKind(error);
  const isOpenFailure = ['QFWD_REJECTED', 'QFWD_OPEN_FAILED', 'QFWD_TIMEOUT'].includes(error.code);
  // A port in use, and a peer that answers, have nothing to do with the network.
  if (!isOpenFailure || kind === 'in-use' || kind === 'refused') return error;
  const obstacle = await ask(session).catch(() => undefined);
  if (!obstacle) return error;
  const { code, message, cme, result, sent } = error;
  return new QfwdError(code, `${IN_WORDS[obstacle]}: ${message}`, { cme, result, sent, obstacle });
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
