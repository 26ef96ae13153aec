/** Checks one module: diagnosis, calibration and measurement. */
import { type Clock, PORT_CHANGES, type Transport } from '../at';
import {
  type LinkState,
  Modem,
  type ModemOptions,
  type Profile,
  type SocketFamily,
  type UrcPort,
} from '../modem';
import type { Finding } from '../modem/diagnosis/finding';
import { type Measurement, measure } from './measurement';
import { UndoingTransport } from './undoing';

export interface CheckOptions {
  readonly transport: Transport;
  readonly secondTransport?: Transport | undefined;
  readonly families: readonly SocketFamily[];
  /** The URC ports that are read; `undefined` if the names of the ports do not tell. */
  readonly listensTo: readonly UrcPort[] | undefined;
  /** Whether sockets are opened. */
  readonly sockets: boolean;
  readonly clock: Clock;
  /** What is done now. */
  readonly progress: (text: string) => void;
  /** Ends the check early. */
  readonly signal: AbortSignal;
}

export interface CheckResult {
  readonly findings: readonly Finding[];
  readonly model?: string;
  readonly firmware?: string;
  /** The family of socket commands. */
  readonly commands?: string;
  readonly dialect?: string;
  readonly profile?: Profile;
  /** Why the firmware could not be measured. */
  readonly calibrationObstacle?: string;
  readonly measurement?: Measurement;
  /** Commands that were not answered in time; not counting those of the calibration, which provokes some. */
  readonly timeouts: number;
  /** Not counting those of the calibration either. */
  readonly resyncs: number;
  /** The module was usable, and was lost. */
  readonly wasLost: boolean;
  readonly wasEnded: boolean;
  /** Nothing is wrong; there may be warnings. */
  readonly isWell: boolean;
}

/** Volatile settings of the port and the driver; nothing that the module stores. */
const OPTIONS: ModemOptions = {
  dialect: 'auto',
  payloadMode: 'auto',
  urcPort: 'usbat',
  pdpCid: 0,
  init: [],
  waitForNetwork: false,
  commandTimeout: 5000,
  adaptsTimeout: true,
  openTimeout: 20_000,
  queueLimit: 1_048_576,
};

/**
 * In ms. Long before, a module that is starting has its socket commands, and one without them is known to have none; but not if
 * each answer takes seconds.
 */
const START_LIMIT = 300_000;
/** A module whose SIM is locked may have its socket commands nevertheless. */
const LOCKED_LIMIT = 10_000;
/** In these states, waiting helps no more. */
const ENDS_WAITING: ReadonlySet<LinkState> = new Set(['ready', 'offline', 'unsupported', 'stopped']);
/** What is waited for. */
const WAITING: Partial<Record<LinkState, string>> = {
  'no-sim': 'waiting for the SIM',
  'no-network': 'waiting for the network',
  locked: 'waiting for the socket commands, while the SIM is locked',
  booting: 'waiting for the socket commands: after a start, this takes up to a minute',
  activating: 'activating a PDP context: this can take minutes',
};
/** The same ports whenever a module is checked, so that traces can be compared and replayed. */
const CONSTANT = 0.5;

/** Resolves when no socket is left open, the settings are as before, and the port is closed. Never rejects. */
export async function check(options: CheckOptions): Promise<CheckResult> {
  const { secondTransport, families, clock, signal } = options;
  const [urcPort = OPTIONS.urcPort] = options.listensTo ?? [];
  const undoing = (transport: Transport, changes = PORT_CHANGES): UndoingTransport =>
    new UndoingTransport({
      transport,
      clock,
      changes,
      isUnsolicited: (line) => families.some((family) => family.isUnsolicited(line)),
    });
  const port = undoing(options.transport, [
    ...PORT_CHANGES,
    ...families.flatMap(({ changes = [] }) => changes),
  ]);
  const second = secondTransport && undoing(secondTransport);
  const modem = new Modem(
    { ...OPTIONS, urcPort },
    { transport: port, secondTransport: second, families, clock, random: () => CONSTANT },
  );
  const stop = (): Promise<void> => {
    for (const it of [port, second]) it?.keep();
    return modem.stop({ closesSockets: true });
  };
  const onAbort = (): void => void stop();
  signal.addEventListener('abort', onAbort);
  try {
    return await examine(modem, options);
  } finally {
    signal.removeEventListener('abort', onAbort);
    options.progress('setting everything back and closing the port');
    await stop();
    for (const it of [port, second]) await it?.undo();
  }
}

async function examine(modem: Modem, options: CheckOptions): Promise<CheckResult> {
  const { clock, listensTo, progress, signal, sockets, transport } = options;
  progress('opening the port and getting in step with the module');
  if (!signal.aborted) modem.start();
  await started(modem, options);
  if (modem.state !== 'offline') progress('asking for firmware, SIM, signal and network');
  const all = await modem.diagnose({ portName: transport.name, listensTo });
  const findings = signal.aborted ? all.filter(isOfModule) : all;
  const { model, firmware, commands, dialect } = await modem.status();
  const isUsable = modem.isOnline && !signal.aborted;
  let profile: Profile | undefined;
  let calibrationObstacle: string | undefined;
  let wasLost = false as boolean;
  const watch = (): void => void (wasLost ||= !modem.isOnline && !signal.aborted);
  if (isUsable) modem.on('state', watch);
  const before = { ...modem.counters };
  if (isUsable && sockets) {
    progress('calibrating: the module connects to itself and receives test data');
    try {
      profile = await modem.calibrate(signal);
      calibrationObstacle = profile.obstacle;
    } catch (error) {
      calibrationObstacle = (error as Error).message;
    }
  }
  const provoked = {
    timeouts: modem.counters.timeouts - before.timeouts,
    resyncs: modem.counters.resyncs - before.resyncs,
  };
  if (isUsable) progress(sockets ? 'measuring round trip and throughput' : 'measuring the round trip');
  const measurement = isUsable ? await measure(modem, clock, sockets) : undefined;
  modem.off('state', watch);
  if (isUsable) watch();
  const { timeouts, resyncs } = modem.counters;
  const wasEnded = signal.aborted;
  const hasFailed = findings.some(({ verdict }) => verdict === 'fail');
  const isMeasured = measurement !== undefined && measurement.obstacle === undefined;
  return {
    findings,
    ...(model !== undefined && { model }),
    ...(firmware !== undefined && { firmware }),
    ...(commands !== undefined && { commands }),
    ...(dialect !== undefined && { dialect }),
    ...(profile && { profile }),
    ...(calibrationObstacle !== undefined && { calibrationObstacle }),
    ...(measurement && { measurement }),
    timeouts: timeouts - provoked.timeouts,
    resyncs: resyncs - provoked.resyncs,
    wasLost,
    wasEnded,
    isWell: !wasEnded && !wasLost && !hasFailed && isMeasured && calibrationObstacle === undefined,
  };
}

/** Whether a finding of a check that was ended is about the module, and not only about that end. */
function isOfModule({ verdict, remedy }: Finding): boolean {
  return verdict !== 'skip' && remedy !== 'portOpening' && remedy !== 'silent' && remedy !== 'lost';
}

/** Resolves when the modem is ready, or waiting helps no more. */
function started(modem: Modem, { clock, signal, progress }: CheckOptions): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      modem.off('state', look);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const look = (state: LinkState): void => {
      const waiting = WAITING[state];
      if (waiting !== undefined) progress(waiting);
      if (ENDS_WAITING.has(state)) end();
      if (state === 'locked') shorten();
    };
    let cancel = clock.after(START_LIMIT, end);
    const shorten = (): void => {
      cancel();
      cancel = clock.after(LOCKED_LIMIT, end);
    };
    modem.on('state', look);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
