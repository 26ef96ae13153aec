/**
 * A checklist for a malfunctioning modem, from the port up to the sockets. It only sends queries, through the modem's
 * own queue, and changes nothing.
 */
import { masked } from '../../at';
import type { SocketFamily, UrcPort } from '../../sockets';
import { QfwdError } from '../errors';
import type { EndpointState } from '../sockets/declared';
import { operatorOfCops } from '../status/operator';
import { rssiOf } from '../status/signal';
import { type Ask, answer, isRefusal, parameters } from './asking';
import type { Finding, Remedy, Step } from './finding';
import { nameIn } from '../link/name-line';
import { askRegistration, isDenied, isRegistered, type Registration } from '../link/registration';
import type { LinkState } from '../link/link-state';
import type { SecondPort } from '../link/ports';

/** What the checklist needs from a modem. */
export interface Patient {
  /** Such as `/dev/ttyUSB2`. */
  readonly portName: string;
  readonly state: LinkState;
  readonly reason: Error | undefined;
  /** The second port; `undefined` if none is configured. */
  readonly second?: SecondPort | undefined;
  /** How many of the latest answers in a row were garbled. */
  readonly garbledInARow: number;
  /** The dialect of the socket commands as text, once known. */
  readonly dialect: string | undefined;
  /** Command families that the module may support. */
  readonly families: readonly Pick<SocketFamily, 'identifiedBy' | 'models'>[];
  /** The URC port for sockets; `undefined` if the module has one for all that it reports. */
  readonly urcPort: UrcPort | undefined;
  /** The open port, if its name identifies it; with a second port, both. */
  readonly listensTo: readonly UrcPort[] | undefined;
  /** Whether sockets need the mobile network. */
  readonly needsNetwork: boolean;
  readonly ask: Ask;
  /** The queries that list sockets, such as `QISTATE?`: of servers and of others, or one of all. */
  readonly lists: readonly string[];
  /** The number of servers and of other sockets in the module. */
  countSockets(): Promise<{ servers: number; sockets: number }>;
  endpoints(): readonly { readonly state: EndpointState }[];
}

/** A finding without its step. */
type Outcome = Omit<Finding, 'step'>;

/** `undefined` if there is nothing to check. */
type Check = (patient: Patient) => Promise<Outcome | undefined> | Outcome | undefined;

/** Steps that all later steps require, but for that of the second port. */
const BASICS: ReadonlySet<Step> = new Set(['port', 'at']);

/** In dBm. */
const WEAK = -97;

const SKIPPED = { verdict: 'skip', value: '' } as const;

const CHECKS: readonly (readonly [Step, Check])[] = [
  ['port', checkPort],
  ['second', checkSecond],
  ['at', checkAt],
  ['identity', checkIdentity],
  ['sim', checkSim],
  ['signal', checkSignal],
  ['registration', checkRegistration],
  ['qfwd', checkQfwd],
  ['urc', checkUrcs],
  ['sockets', checkSockets],
];

/** Runs the checklist step by step. Never rejects. */
export async function diagnose(patient: Patient): Promise<Finding[]> {
  const findings: Finding[] = [];
  let isHopeless = false;
  for (const [step, check] of CHECKS) {
    if (isHopeless && step !== 'second') {
      findings.push({ step, ...SKIPPED });
      continue;
    }
    const found = await attempt(check, patient);
    if (!found) continue;
    findings.push({ step, ...found.outcome });
    if (found.isOffline || (found.outcome.verdict === 'fail' && BASICS.has(step))) isHopeless = true;
  }
  return findings;
}

interface Attempt {
  readonly outcome: Outcome;
  /** The module was lost, so that nothing more can be asked. */
  readonly isOffline: boolean;
}

async function attempt(check: Check, patient: Patient): Promise<Attempt | undefined> {
  try {
    const outcome = await check(patient);
    return outcome && { outcome, isOffline: false };
  } catch (error) {
    const value = masked((error as Error).message);
    const isOffline = error instanceof QfwdError && error.code === 'QFWD_OFFLINE';
    return { outcome: { verdict: 'fail', value, remedy: 'lost' }, isOffline };
  }
}

function checkPort({ portName, state, reason }: Patient): Outcome {
  if (state === 'connecting') return { verdict: 'fail', value: portName, remedy: 'portOpening' };
  if (state !== 'offline' && state !== 'stopped') return { verdict: 'ok', value: portName };
  const value = reason ? reason.message : portName;
  return { verdict: 'fail', value, remedy: portRemedy(value) };
}

/** The modem works without it, but slower, or hears of events late. */
function checkSecond({ second }: Patient): Outcome | undefined {
  if (!second) return undefined;
  const { name, isOpen, reason } = second;
  if (reason) return { verdict: 'warn', value: reason.message, remedy: portRemedy(reason.message) };
  return isOpen ? { verdict: 'ok', value: name } : { verdict: 'warn', value: name, remedy: 'portOpening' };
}

function portRemedy(message: string): Remedy {
  if (/lock|busy|in use/i.test(message)) return 'portLocked';
  if (/permission|EACCES|EPERM/i.test(message)) return 'portPermission';
  if (/no such (file|port)|ENOENT|not found|has gone/i.test(message)) return 'portMissing';
  if (/cannot be reached|Telnet/i.test(message)) return 'portUnreachable';
  if (/another module/i.test(message)) return 'portForeign';
  if (/does not answer/i.test(message)) return 'silent';
  if (/garbled/i.test(message)) return 'garbled';
  return 'portOther';
}

async function checkAt(patient: Patient): Promise<Outcome> {
  try {
    await patient.ask('AT');
    if (patient.garbledInARow === 0) return { verdict: 'ok', value: 'OK' };
    return { verdict: 'warn', value: `OK · garbled: ${patient.garbledInARow}`, remedy: 'garbled' };
  } catch (error) {
    return { verdict: 'fail', value: (error as Error).message, remedy: 'silent' };
  }
}

async function checkIdentity(patient: Patient): Promise<Outcome> {
  const model = nameIn(await answer(patient.ask, 'AT+CGMM'), 'AT+CGMM') ?? '?';
  const firmware = nameIn(await answer(patient.ask, 'AT+CGMR'), 'AT+CGMR') ?? '?';
  const imei = (await answer(patient.ask, 'AT+CGSN'))?.find((line) => /^\d{15}$/.test(line));
  const value = [model, firmware, ...(imei ? [`IMEI ${masked(imei)}`] : [])].join(' · ');
  if (patient.families.some(({ models }) => models.test(model))) return { verdict: 'ok', value };
  return { verdict: 'warn', value, remedy: 'otherModule' };
}

async function checkSim(patient: Patient): Promise<Outcome> {
  const serious = patient.needsNetwork ? 'fail' : 'warn';
  let state: string;
  try {
    const { lines } = await patient.ask('AT+CPIN?');
    state = parameters(lines, '+CPIN:') ?? '?';
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { verdict: serious, value: refusalText(error), remedy: 'simNone' };
  }
  if (state.includes('PUK')) return { verdict: serious, value: state, remedy: 'simPuk' };
  if (state !== 'READY') return { verdict: serious, value: state, remedy: 'simPin' };
  const iccid = parameters(await answer(patient.ask, 'AT+QCCID'), '+QCCID:');
  return { verdict: 'ok', value: iccid ? `${state} · ICCID ${masked(iccid)}` : state };
}

async function checkSignal(patient: Patient): Promise<Outcome> {
  const text = parameters(await answer(patient.ask, 'AT+CSQ'), '+CSQ:');
  const rssi = rssiOf(text ?? '');
  const serious = patient.needsNetwork ? 'fail' : 'warn';
  if (rssi === undefined) return { verdict: serious, value: text ?? '?', remedy: 'signalNone' };
  const value = `${rssi} dBm`;
  return rssi < WEAK ? { verdict: 'warn', value, remedy: 'signalWeak' } : { verdict: 'ok', value };
}

async function checkRegistration(patient: Patient): Promise<Outcome> {
  const found = await askRegistration((text) => answer(patient.ask, text));
  const registered = found.find(isRegistered);
  if (registered) {
    const { operator } = operatorOfCops(parameters(await answer(patient.ask, 'AT+COPS?'), '+COPS:') ?? '');
    const value = inWords(registered);
    return { verdict: 'ok', value: operator ? `${operator} · ${value}` : value };
  }
  return {
    verdict: patient.needsNetwork ? 'fail' : 'warn',
    value: found.map(inWords).join(', ') || '?',
    remedy: found.some(isDenied) ? 'registrationDenied' : 'registrationNone',
  };
}

async function checkQfwd(patient: Patient): Promise<Outcome> {
  const { dialect } = patient;
  if (dialect !== undefined) return { verdict: 'ok', value: dialect };
  const names = patient.families.flatMap(({ identifiedBy }) => identifiedBy);
  for (const name of names) {
    if (await answer(patient.ask, `AT+${name}=?`))
      return { verdict: 'warn', value: name, remedy: 'qfwdStarting' };
  }
  const asked = names.map((name) => `AT+${name}=?`).join(', ');
  return { verdict: 'fail', value: `${asked}: ERROR`, remedy: 'qfwdMissing' };
}

async function checkUrcs(patient: Patient): Promise<Outcome> {
  const { urcPort, listensTo } = patient;
  const others = parameters(await answer(patient.ask, 'AT+QURCCFG="urcport"'), '+QURCCFG:');
  const modulePort = /"urcport"\s*,\s*"([^"]*)"/.exec(others ?? '')?.[1];
  const isHeard = !listensTo || modulePort === undefined || listensTo.some((port) => port === modulePort);
  if (urcPort === undefined) {
    const value = modulePort ?? '?';
    return isHeard ? { verdict: 'ok', value } : { verdict: 'fail', value, remedy: 'urcAll' };
  }
  const value = [`QFWD ${urcPort}`, ...(modulePort ? [`RDY ${modulePort}`] : [])].join(', ');
  if (listensTo?.includes(urcPort) === false) return { verdict: 'fail', value, remedy: 'urcSockets' };
  return isHeard ? { verdict: 'ok', value } : { verdict: 'warn', value, remedy: 'urcModule' };
}

async function checkSockets(patient: Patient): Promise<Outcome> {
  if (!patient.dialect) return SKIPPED;
  const { servers, sockets } = await patient.countSockets();
  const endpoints = patient.endpoints();
  const missing = endpoints.filter(({ state }) => state === 'waiting' || state === 'opening').length;
  const open = endpoints.filter(({ state }) => state === 'open').length;
  const counts = patient.lists.length > 1 ? [servers, sockets] : [servers + sockets];
  const listed = counts.map((count, at) => `${patient.lists[at]} ${count}`);
  const value = [`${open}/${open + missing}`, ...listed].join(' · ');
  return missing > 0 ? { verdict: 'warn', value, remedy: 'socketsMissing' } : { verdict: 'ok', value };
}

function inWords({ command, status }: Registration): string {
  return `${command} ${status}`;
}

function refusalText({ cme }: QfwdError): string {
  return cme === undefined ? 'ERROR' : `+CME ERROR: ${cme}`;
}
