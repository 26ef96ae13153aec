/**
 * A checklist for a malfunctioning modem, from the port up to the sockets. It only sends queries, through the modem's
 * own queue, and changes nothing.
 */
import { masked } from '../../at';
import type { SocketFamily, UrcPort } from '../../sockets';
import { QfwdError } from '../errors';
import type { EndpointState } from '../sockets/declared';
import type { Finding, Remedy, Step } from './finding';
import type { RawAnswer } from '../link/raw-command';
import { askRegistration, isDenied, isRegistered, type Registration } from '../link/registration';
import type { LinkState } from '../link/link-state';

/** What the checklist needs from a modem. */
export interface Patient {
  /** Such as `/dev/ttyUSB2`. */
  readonly portName: string;
  readonly state: LinkState;
  readonly reason: Error | undefined;
  /** How many of the latest answers in a row were garbled. */
  readonly garbledInARow: number;
  /** The dialect of the socket commands as text, once known. */
  readonly dialect: string | undefined;
  /** Command families that the module may support. */
  readonly families: readonly Pick<SocketFamily, 'identifiedBy' | 'models'>[];
  /** The URC port for sockets. */
  readonly urcPort: UrcPort;
  /** The open port, if its name identifies it; with a second port, both. */
  readonly listensTo: readonly UrcPort[] | undefined;
  /** Whether sockets need the mobile network. */
  readonly needsNetwork: boolean;
  /** Rejects with a {@link QfwdError}. */
  ask(command: string): Promise<RawAnswer>;
  /** The number of servers and of other sockets in the module. */
  countSockets(): Promise<{ servers: number; sockets: number }>;
  endpoints(): readonly { readonly state: EndpointState }[];
}

/** A finding without its step. */
type Outcome = Omit<Finding, 'step'>;

type Check = (patient: Patient) => Promise<Outcome> | Outcome;

/** Steps that all later steps require. */
const BASICS: ReadonlySet<Step> = new Set(['port', 'at']);

const SKIPPED = { verdict: 'skip', value: '' } as const;

const CHECKS: readonly (readonly [Step, Check])[] = [
  ['port', checkPort],
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
    const found: Outcome = isHopeless ? SKIPPED : await attempt(check, patient);
    findings.push({ step, ...found });
    isHopeless ||= found.verdict === 'fail' && BASICS.has(step);
  }
  return findings;
}

async function attempt(check: Check, patient: Patient): Promise<Outcome> {
  try {
    return await check(patient);
  } catch (error) {
    return { verdict: 'fail', value: masked((error as Error).message), remedy: 'lost' };
  }
}

function checkPort({ portName, state, reason }: Patient): Outcome {
  if (state === 'connecting') return { verdict: 'fail', value: portName, remedy: 'portOpening' };
  if (state !== 'offline' && state !== 'stopped') return { verdict: 'ok', value: portName };
  const value = reason ? reason.message : portName;
  return { verdict: 'fail', value, remedy: portRemedy(value) };
}

function portRemedy(message: string): Remedy {
  if (/lock|busy/i.test(message)) return 'portLocked';
  if (/permission|EACCES|EPERM/i.test(message)) return 'portPermission';
  if (/no such file|ENOENT|not found|has gone/i.test(message)) return 'portMissing';
  if (/cannot be reached|Telnet/i.test(message)) return 'portUnreachable';
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
  const model = plainLine(await answer(patient, 'AT+CGMM')) ?? '?';
  const firmware = plainLine(await answer(patient, 'AT+CGMR')) ?? '?';
  const imei = (await answer(patient, 'AT+CGSN'))?.find((line) => /^\d{15}$/.test(line));
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
  const iccid = parameters((await answer(patient, 'AT+QCCID')) ?? [], '+QCCID:');
  return { verdict: 'ok', value: iccid ? `${state} · ICCID ${masked(iccid)}` : state };
}

/** 3GPP TS 27.007 8.5: 0 to 31 are -113 dBm to -51 dBm, 99 is unknown. */
async function checkSignal(patient: Patient): Promise<Outcome> {
  const text = parameters((await answer(patient, 'AT+CSQ')) ?? [], '+CSQ:');
  const rssi = Number.parseInt(text ?? '', 10);
  const serious = patient.needsNetwork ? 'fail' : 'warn';
  if (!(rssi >= 0 && rssi <= 31)) return { verdict: serious, value: text ?? '?', remedy: 'signalNone' };
  const value = `${2 * rssi - 113} dBm`;
  return rssi < 8 ? { verdict: 'warn', value, remedy: 'signalWeak' } : { verdict: 'ok', value };
}

async function checkRegistration(patient: Patient): Promise<Outcome> {
  const found = await askRegistration((text) => answer(patient, text));
  const registered = found.find(isRegistered);
  if (registered) {
    const operator = parameters((await answer(patient, 'AT+COPS?')) ?? [], '+COPS:');
    const shown = /"([^"]*)"/.exec(operator ?? '')?.[1];
    const value = inWords(registered);
    return { verdict: 'ok', value: shown ? `${shown} · ${value}` : value };
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
    if (await answer(patient, `AT+${name}=?`))
      return { verdict: 'warn', value: name, remedy: 'qfwdStarting' };
  }
  return { verdict: 'fail', value: `AT+${names[0]}=?: ERROR`, remedy: 'qfwdMissing' };
}

async function checkUrcs(patient: Patient): Promise<Outcome> {
  const { urcPort, listensTo } = patient;
  const others = parameters((await answer(patient, 'AT+QURCCFG="urcport"')) ?? [], '+QURCCFG:');
  const modulePort = /"urcport"\s*,\s*"([^"]*)"/.exec(others ?? '')?.[1];
  const value = [`QFWD ${urcPort}`, ...(modulePort ? [`RDY ${modulePort}`] : [])].join(', ');
  if (!listensTo) return { verdict: 'ok', value };
  if (!listensTo.includes(urcPort)) return { verdict: 'fail', value, remedy: 'urcSockets' };
  const isHeard = modulePort === undefined || listensTo.some((port) => port === modulePort);
  return isHeard ? { verdict: 'ok', value } : { verdict: 'warn', value, remedy: 'urcModule' };
}

async function checkSockets(patient: Patient): Promise<Outcome> {
  if (!patient.dialect) return SKIPPED;
  const { servers, sockets } = await patient.countSockets();
  const endpoints = patient.endpoints();
  const missing = endpoints.filter(({ state }) => state === 'waiting' || state === 'opening').length;
  const open = endpoints.filter(({ state }) => state === 'open').length;
  const value = `${open}/${open + missing} · QFWDSEVER? ${servers} · QFWDCLIENT? ${sockets}`;
  return missing > 0 ? { verdict: 'warn', value, remedy: 'socketsMissing' } : { verdict: 'ok', value };
}

function inWords({ command, status }: Registration): string {
  return `${command} ${status}`;
}

/** The lines of the response; `undefined` on ERROR. */
async function answer(patient: Patient, command: string): Promise<readonly string[] | undefined> {
  try {
    return (await patient.ask(command)).lines;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

function isRefusal(error: unknown): error is QfwdError {
  return error instanceof QfwdError && error.code === 'QFWD_REJECTED';
}

function refusalText({ cme }: QfwdError): string {
  return cme === undefined ? 'ERROR' : `+CME ERROR: ${cme}`;
}

/** Names and numbers have no prefix, URCs have one. */
function plainLine(lines: readonly string[] | undefined): string | undefined {
  return lines?.find((line) => !line.startsWith('+'));
}

/** The parameters of the last line with the prefix; earlier lines and other lines may be URCs. */
function parameters(lines: readonly string[], prefix: string): string | undefined {
  return lines
    .filter((line) => line.startsWith(prefix))
    .at(-1)
    ?.slice(prefix.length)
    .trim();
}
