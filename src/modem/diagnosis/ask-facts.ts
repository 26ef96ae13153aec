import { askRegistration, isRegistered } from '../link/registration';
import { type Ask, answer, askOperator, isRefusal, parameters, plainLine, rssiOf } from './asking';
import type { Facts } from './facts';

/** Sends only queries. Rejects with a `QfwdError` if the module does not respond. */
export async function askFacts(ask: Ask): Promise<Facts> {
  const model = plainLine(await answer(ask, 'AT+CGMM'));
  const firmware = plainLine(await answer(ask, 'AT+CGMR'));
  const sim = await askSim(ask);
  const registrations = await askRegistration((text) => answer(ask, text));
  const registration = (registrations.find(isRegistered) ?? registrations[0])?.status;
  const operator = await askOperator(ask);
  const signal = rssiOf(parameters(await answer(ask, 'AT+CSQ'), '+CSQ:'));
  const facts = { model, firmware, sim, registration, operator, signal };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

async function askSim(ask: Ask): Promise<string | undefined> {
  try {
    const { lines } = await ask('AT+CPIN?');
    return parameters(lines, '+CPIN:');
  } catch (error) {
    if (isRefusal(error)) return 'none';
    throw error;
  }
}
