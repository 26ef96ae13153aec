/**
 * A checklist for a modem that does not do what it should, from the port up to the sockets. It asks the module through
 * the modem's own queue, so it disturbs nothing, and changes nothing.
 */
import { masked } from '../at';
import type { Dialect, UrcPort } from '../qfwd';
import { QfwdError } from './errors';
import type { EndpointState } from './endpoint';
import type { RawAnswer } from './raw-command';
import type { LinkState } from './supervisor';

export type Step =
  'port' | 'at' | 'identity' | 'sim' | 'signal' | 'registration' | 'qfwd' | 'urc' | 'sockets';

/** `skip`: a step before it failed. */
export type Verdict = 'ok' | 'warn' | 'fail' | 'skip';

export interface Finding {
  readonly step: Step;
  readonly verdict: Verdict;
  /** What was found, in no language: figures, what the module said. IMEI and ICCID masked. */
  readonly value: string;
  /** A key for what a person can do about it. */
  readonly remedy?: string;
}

/** What the checklist needs of a modem. */
export interface Patient {
  /** Such as `/dev/ttyUSB2`. */
  readonly portName: string;
  readonly state: LinkState;
  readonly reason: Error | undefined;
  readonly dialect: Dialect | undefined;
  /** Where sockets are told to report to. */
  readonly urcPort: UrcPort;
  /** The port that is listened to, where its name tells; with a second one, either will do. */
  readonly listensTo: readonly UrcPort[] | undefined;
  /** Whether sockets need the mobile network. */
  readonly needsNetwork: boolean;
  /** Rejects with a {@link QfwdError}. */
  ask(command: string): Promise<RawAnswer>;
  /** How many servers and other sockets the module has. */
  countSockets(): Promise<{ servers: number; sockets: number }>;
  endpoints(): readonly { readonly state: EndpointState }[];
}

type Check = (patient: Patient) => Promise<Omit<Finding, 'step'>> | Omit<Finding, 'step'>;

/** What later steps cannot do without. */
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

/** Goes through the checklist, one step after the other. Never rejects. */
export async function diagnose(patient: Patient): Promise<Finding[]> {
  const findings: Finding[] = [];
  let isHopeless = false;
  for (const [step, check] of CHECKS) {
    const found: Omit<Finding, 'step'> = isHopeless ? SKIPPED : await attempt(check, patient);
    findings.push({ step, ...found });
    isHopeless ||= found.verdict === 'fail' && BASICS.has(step);
  }
  return findings;
}

async function attempt(check: Check, patient: Patient): Promise<Omit<Finding, 'step'>> {
  try {
    return await check(patient);
  } catch (error) {
    return { verdict: 'fail', value: masked((error as Error).message), remedy: 'at.lost' };
  }
}

function checkPort({ portName, state, reason }: Patient): Omit<Finding, 'step'> {
  if (state === 'connecting') return { verdict: 'fail', value: portName, remedy: 'port.opening' };
  if (state !== 'offline' && state !== 'stopped') return { verdict: 'ok', value: portName };
  const value = reason ? reason.message : portName;
  return { verdict: 'fail', value, remedy: `port.${portProblem(value)}` };
}

function portProblem(message: string): string {
  if (/lock|busy/i.test(message)) return 'locked';
  if (/permission|EACCES|EPERM/i.test(message)) return 'permission';
  if (/no such file|ENOENT|not found|has gone/i.test(message)) return 'missing';
  if (/cannot be reached/i.test(message)) return 'unreachable';
  if (/does not answer/i.test(message)) return 'silent';
  return 'other';
}

async function checkAt(patient: Patient): Promise<Omit<Finding, 'step'>> {
  try {
    await patient.ask('AT');
    return { verdict: 'ok', value: 'OK' };
  } catch (error) {
    return { verdict: 'fail', value: (error as Error).message, remedy: 'port.silent' };
  }
}

async function checkIdentity(patient: Patient): Promise<Omit<Finding, 'step'>> {
  const model = plainLine(await answer(patient, 'AT+CGMM')) ?? '?';
  const firmware = plainLine(await answer(patient, 'AT+CGMR')) ?? '?';
  const imei = (await answer(patient, 'AT+CGSN'))?.find((line) => /^\d{15}$/.test(line));
  const value = [model, firmware, ...(imei ? [`IMEI ${masked(imei)}`] : [])].join(' · ');
  if (/^EC2[015]/i.test(model)) return { verdict: 'ok', value };
  return { verdict: 'warn', value, remedy: 'identity.other' };
}

async function checkSim(patient: Patient): Promise<Omit<Finding, 'step'>> {
  const serious = patient.needsNetwork ? 'fail' : 'warn';
  let state: string;
  try {
    const { lines } = await patient.ask('AT+CPIN?');
    state = parameters(lines, '+CPIN:') ?? '?';
  } catch (error) {
    if (!isRejection(error)) throw error;
    return { verdict: serious, value: rejectionText(error), remedy: 'sim.none' };
  }
  if (state.includes('PUK')) return { verdict: serious, value: state, remedy: 'sim.puk' };
  if (state !== 'READY') return { verdict: serious, value: state, remedy: 'sim.pin' };
  const iccid = parameters((await answer(patient, 'AT+QCCID')) ?? [], '+QCCID:');
  return { verdict: 'ok', value: iccid ? `${state} · ICCID ${masked(iccid)}` : state };
}

/** 3GPP TS 27.007 8.5: 0 to 31 are -113 dBm to -51 dBm, 99 is not known. */
async function checkSignal(patient: Patient): Promise<Omit<Finding, 'step'>> {
  const text = parameters((await answer(patient, 'AT+CSQ')) ?? [], '+CSQ:');
  const rssi = Number.parseInt(text ?? '', 10);
  const serious = patient.needsNetwork ? 'fail' : 'warn';
  if (!(rssi >= 0 && rssi <= 31)) return { verdict: serious, value: text ?? '?', remedy: 'signal.none' };
  const value = `${2 * rssi - 113} dBm`;
  return rssi < 8 ? { verdict: 'warn', value, remedy: 'signal.weak' } : { verdict: 'ok', value };
}

/** 3GPP TS 27.007 7.2: 1 and 5 are registered, 2 is searching, 3 is denied. */
async function checkRegistration(patient: Patient): Promise<Omit<Finding, 'step'>> {
  const found: string[] = [];
  for (const name of ['CEREG', 'CGREG', 'CREG']) {
    const text = parameters((await answer(patient, `AT+${name}?`)) ?? [], `+${name}:`);
    const status = text?.split(',')[1]?.trim();
    if (status === '1' || status === '5') {
      const value = `${name} ${status}`;
      const operator = parameters((await answer(patient, 'AT+COPS?')) ?? [], '+COPS:');
      const shown = /"([^"]*)"/.exec(operator ?? '')?.[1];
      return { verdict: 'ok', value: shown ? `${shown} · ${value}` : value };
    }
    if (status !== undefined) found.push(`${name} ${status}`);
  }
  const verdict = patient.needsNetwork ? 'fail' : 'warn';
  const isDenied = found.some((text) => text.endsWith(' 3'));
  return {
    verdict,
    value: found.join(', ') || '?',
    remedy: isDenied ? 'registration.denied' : 'registration.none',
  };
}

async function checkQfwd(patient: Patient): Promise<Omit<Finding, 'step'>> {
  const { dialect } = patient;
  if (dialect) {
    const { server, state, close, read, serverArguments } = dialect;
    return { verdict: 'ok', value: `${server}, ${state}, ${close}, ${read} · ${serverArguments}` };
  }
  for (const name of ['QFWDSEVER', 'QFWDSERVER']) {
    if (await answer(patient, `AT+${name}=?`))
      return { verdict: 'warn', value: name, remedy: 'qfwd.starting' };
  }
  return { verdict: 'fail', value: 'AT+QFWDSEVER=?: ERROR', remedy: 'qfwd.missing' };
}

async function checkUrcs(patient: Patient): Promise<Omit<Finding, 'step'>> {
  const { urcPort, listensTo } = patient;
  const others = parameters((await answer(patient, 'AT+QURCCFG="urcport"')) ?? [], '+QURCCFG:');
  const modulePort = /"urcport"\s*,\s*"([^"]*)"/.exec(others ?? '')?.[1];
  const value = [`QFWD ${urcPort}`, ...(modulePort ? [`RDY ${modulePort}`] : [])].join(', ');
  if (!listensTo) return { verdict: 'ok', value };
  if (!listensTo.includes(urcPort)) return { verdict: 'fail', value, remedy: 'urc.sockets' };
  const isHeard = modulePort === undefined || listensTo.some((port) => port === modulePort);
  return isHeard ? { verdict: 'ok', value } : { verdict: 'warn', value, remedy: 'urc.module' };
}

async function checkSockets(patient: Patient): Promise<Omit<Finding, 'step'>> {
  if (!patient.dialect) return SKIPPED;
  const { servers, sockets } = await patient.countSockets();
  const endpoints = patient.endpoints();
  const missing = endpoints.filter(({ state }) => state === 'waiting' || state === 'opening').length;
  const open = endpoints.filter(({ state }) => state === 'open').length;
  const value = `QFWDSEVER ${servers}, QFWDCLIENT ${sockets} · ${open}/${open + missing}`;
  return missing > 0 ? { verdict: 'warn', value, remedy: 'sockets.missing' } : { verdict: 'ok', value };
}

/** The lines of an answer; `undefined` when the module answered ERROR. */
async function answer(patient: Patient, command: string): Promise<readonly string[] | undefined> {
  try {
    return (await patient.ask(command)).lines;
  } catch (error) {
    if (isRejection(error)) return undefined;
    throw error;
  }
}

function isRejection(error: unknown): error is QfwdError {
  return error instanceof QfwdError && error.code === 'QFWD_REJECTED';
}

function rejectionText({ cme }: QfwdError): string {
  return cme === undefined ? 'ERROR' : `+CME ERROR: ${cme}`;
}

/** Names and numbers come without a prefix, URCs with one. */
function plainLine(lines: readonly string[] | undefined): string | undefined {
  return lines?.find((line) => !line.startsWith('+'));
}

/** What follows the prefix in the line that has it; other lines may be URCs. */
function parameters(lines: readonly string[], prefix: string): string | undefined {
  return lines
    .find((line) => line.startsWith(prefix))
    ?.slice(prefix.length)
    .trim();
}
