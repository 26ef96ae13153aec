import { nameIn } from '../link/name-line';
import { askRegistration, isRegistered } from '../link/registration';
import { operatorOfCops } from '../status/operator';
import { rssiOf } from '../status/signal';
import { type Ask, answer, isRefusal, parameters } from './asking';
import type { Facts } from './facts';

/** Sends only queries. Rejects with a `QfwdError` if the module does not respond. */
export async function askFacts(ask: Ask): Promise<Facts> {
  const model = nameIn(await answer(ask, 'AT+CGMM'), 'AT+CGMM');
  const firmware = nameIn(await answer(ask, 'AT+CGMR'), 'AT+CGMR');
  const sim = await askSim(ask);
  const registrations = await askRegistration((text) => answer(ask, text));
  const registration = (registrations.find(isRegistered) ?? registrations[0])?.status;
  const { operator, technology } = operatorOfCops(parameters(await answer(ask, 'AT+COPS?'), '+COPS:') ?? '');
  const signal = rssiOf(parameters(await answer(ask, 'AT+CSQ'), '+CSQ:') ?? '');
  const facts = { model, firmware, sim, registration, operator, technology, signal };
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
