/**
 * HTTP endpoints for the editor, about modems and ports:
 *
 *     GET  qfwd/ports                   qfwd.read    the serial ports of this machine
 *     GET  qfwd/modems                  qfwd.read    every deployed modem, in short
 *     GET  qfwd/modems/<id>?after=N     qfwd.read    one modem in detail, with the lines of its log after the first N; may
 *                                                    query SIM, network and signal
 *     GET  qfwd/modems/<id>/trace?after=N  qfwd.read the lines of its log after the first N, as a trace
 *     POST qfwd/modems/<id>/diagnosis   qfwd.write   runs the checklist, which sends commands
 *     GET  qfwd/modems/<id>/calibration qfwd.read    the last calibration of its firmware, or null
 *     POST qfwd/modems/<id>/calibration qfwd.write   calibrates: measures the firmware over its own sockets
 */
import type { NodeAPI } from 'node-red';
import { systemClock } from '../../src/at';
import { type Modem, QfwdError } from '../../src/modem';
import { messageOf } from '../../src/modem/errors';
import { describePorts, type SystemPort, urcPortsOf } from '../../src/ports/ports';
import { systemPorts } from '../../src/ports/system-ports';
import { LANGUAGES, translate } from '../runtime/translation';
import { traceOfLog } from '../../src/trace';
import type { Calibration, Finding, ListedPort, ModemSnapshot, ModemSummary, SavedTrace } from './answers';
import type { DeployedModem, DeployedModems } from './deployed';
import { KnownFacts } from './known-facts';
import { measured } from './measured';
import { entriesAfter, type Now, snapshotOf, summaryOf } from './snapshot';

/** An error response. */
class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export function serveAdmin(
  RED: NodeAPI,
  deployed: DeployedModems,
  listPorts: () => Promise<SystemPort[]> = systemPorts,
): void {
  const { httpAdmin } = RED;
  const facts = new KnownFacts();
  const mayRead = RED.auth.needsPermission('qfwd.read');
  const mayWrite = RED.auth.needsPermission('qfwd.write');
  httpAdmin.get(
    '/qfwd/ports',
    mayRead,
    answer(async (): Promise<ListedPort[]> => describePorts(await listPorts(), [...deployed.values()])),
  );
  httpAdmin.get(
    '/qfwd/modems',
    mayRead,
    answer((_request, say): ModemSummary[] =>
      [...deployed.values()].map((it) => summaryOf(it, { now: currentTime(), say })),
    ),
  );
  httpAdmin.get(
    '/qfwd/modems/:id',
    mayRead,
    answer(({ params, query }, say): ModemSnapshot => {
      const found = deployed.get(params.id ?? '');
      if (!found) throw new HttpError(404, UNKNOWN);
      const after = Number(query.after) || 0;
      const known = found.modem && facts.of(found.modem);
      return snapshotOf(found, { now: currentTime(), after, say, facts: known });
    }),
  );
  httpAdmin.get(
    '/qfwd/modems/:id/trace',
    mayRead,
    answer(({ params, query }): SavedTrace => {
      const { journal } = existing(deployed.get(params.id ?? '')).modem;
      const lines = entriesAfter(journal, Number(query.after) || 0);
      const age = systemClock.now() - (lines[0]?.at ?? systemClock.now());
      return { trace: traceOfLog(lines, new Date(Date.now() - age)) };
    }),
  );
  httpAdmin.post(
    '/qfwd/modems/:id/diagnosis',
    mayWrite,
    answer(({ params }, say): Promise<Finding[]> => examine(deployed.get(params.id ?? ''), say)),
  );
  httpAdmin.get(
    '/qfwd/modems/:id/calibration',
    mayRead,
    answer(({ params }, say): Calibration | null => lastCalibration(deployed.get(params.id ?? ''), say)),
  );
  httpAdmin.post(
    '/qfwd/modems/:id/calibration',
    mayWrite,
    answer(({ params }, say): Promise<Calibration> => calibrate(deployed.get(params.id ?? ''), say)),
  );
}

const UNKNOWN = 'there is no such modem; is it deployed?';

function currentTime(): Now {
  return { modem: systemClock.now(), wall: Date.now() };
}

interface Request {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  /** The first of these that the browser prefers (Accept-Language). */
  acceptsLanguages(languages: readonly string[]): string | false;
}

interface Response {
  status(code: number): this;
  set(field: string, value: string): this;
  json(body: unknown): unknown;
}

/** Translates what the runtime says for the one who asks. */
type Say = (text: string) => string;

/** A handler that responds with JSON: the result of `work`, or `{message}` if it fails. */
function answer(
  work: (request: Request, say: Say) => unknown,
): (request: Request, response: Response) => Promise<void> {
  return async (request, response) => {
    response.set('Cache-Control', 'no-store');
    const language = request.acceptsLanguages(LANGUAGES) || LANGUAGES[0];
    const say: Say = (text) => translate(text, language);
    try {
      response.json(await work(request, say));
    } catch (error) {
      const status = error instanceof HttpError ? error.status : 500;
      response.status(status).json({ message: say(messageOf(error)) });
    }
  };
}

/** @throws {HttpError} if it is not deployed, or its configuration is invalid */
function existing(deployed: DeployedModem | undefined): DeployedModem & { readonly modem: Modem } {
  if (!deployed) throw new HttpError(404, UNKNOWN);
  const { modem, problem = 'no node uses this modem, so its port is closed: deploy one that does' } =
    deployed;
  if (!modem) throw new HttpError(409, problem);
  return { ...deployed, modem };
}

function lastCalibration(deployed: DeployedModem | undefined, say: Say): Calibration | null {
  const { stored, firmware } = deployed?.modem?.calibrator ?? {};
  return stored ? measured(stored, firmware, say) : null;
}

async function calibrate(deployed: DeployedModem | undefined, say: Say): Promise<Calibration> {
  try {
    const profile = await existing(deployed).modem.calibrate();
    return measured(profile, profile.firmware, say);
  } catch (error) {
    throw error instanceof QfwdError ? new HttpError(409, error.message) : error;
  }
}

async function examine(deployed: DeployedModem | undefined, say: Say): Promise<Finding[]> {
  const { modem, paths, portName } = existing(deployed);
  const findings = await modem.diagnose({ portName, listensTo: urcPortsOf(paths) });
  return findings.map((finding) => ({ ...finding, value: say(finding.value) }));
}
