/**
 * HTTP endpoints for the editor, about modems and ports:
 *
 *     GET  qfwd/ports                   qfwd.read    the serial ports of this machine
 *     GET  qfwd/modems                  qfwd.read    every deployed modem, in short
 *     GET  qfwd/modems/<id>?after=N     qfwd.read    one modem in detail, with the lines of its log after the first N; may
 *                                                    query SIM, network and signal
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
import type { Calibration, Finding, ListedPort, ModemSnapshot, ModemSummary } from './answers';
import type { DeployedModem, DeployedModems } from './deployed';
import { KnownFacts } from './known-facts';
import { measured } from './measured';
import { snapshotOf, summaryOf } from './snapshot';

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
    answer((): ModemSummary[] => [...deployed.values()].map(summaryOf)),
  );
  httpAdmin.get(
    '/qfwd/modems/:id',
    mayRead,
    answer(({ params, query }): ModemSnapshot => {
      const found = deployed.get(params.id ?? '');
      if (!found) throw new HttpError(404, UNKNOWN);
      const now = { modem: systemClock.now(), wall: Date.now() };
      const after = Number(query.after) || 0;
      return snapshotOf(found, { now, after, facts: found.modem && facts.of(found.modem) });
    }),
  );
  httpAdmin.post(
    '/qfwd/modems/:id/diagnosis',
    mayWrite,
    answer(({ params }): Promise<Finding[]> => examine(deployed.get(params.id ?? ''))),
  );
  httpAdmin.get(
    '/qfwd/modems/:id/calibration',
    mayRead,
    answer(({ params }): Calibration | null => lastCalibration(deployed.get(params.id ?? ''))),
  );
  httpAdmin.post(
    '/qfwd/modems/:id/calibration',
    mayWrite,
    answer(({ params }): Promise<Calibration> => calibrate(deployed.get(params.id ?? ''))),
  );
}

const UNKNOWN = 'there is no such modem; is it deployed?';

interface Request {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
}

interface Response {
  status(code: number): this;
  set(field: string, value: string): this;
  json(body: unknown): unknown;
}

/** A handler that responds with JSON: the result of `work`, or `{message}` if it fails. */
function answer(
  work: (request: Request) => unknown,
): (request: Request, response: Response) => Promise<void> {
  return async (request, response) => {
    response.set('Cache-Control', 'no-store');
    try {
      response.json(await work(request));
    } catch (error) {
      const status = error instanceof HttpError ? error.status : 500;
      response.status(status).json({ message: messageOf(error) });
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

function lastCalibration(deployed: DeployedModem | undefined): Calibration | null {
  const { stored, firmware } = deployed?.modem?.calibrator ?? {};
  return stored ? measured(stored, firmware) : null;
}

async function calibrate(deployed: DeployedModem | undefined): Promise<Calibration> {
  try {
    return measured(await existing(deployed).modem.calibrate());
  } catch (error) {
    throw error instanceof QfwdError ? new HttpError(409, error.message) : error;
  }
}

async function examine(deployed: DeployedModem | undefined): Promise<Finding[]> {
  const { modem, paths, portName } = existing(deployed);
  return modem.diagnose({ portName, listensTo: urcPortsOf(paths) });
}
