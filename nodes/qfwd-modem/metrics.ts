/**
 * `GET qfwd/metrics` (permission `qfwd.read`): the figures of all modems as OpenMetrics text, for Prometheus. Off unless
 * settings.js has `qfwdModemMetrics: true`.
 */
import type { NodeAPI } from 'node-red';
import { systemClock, within } from '../../src/at';
import type { DeployedModem, DeployedModems } from './deployed';
import { CONTENT_TYPE, type Measured, openMetrics } from './open-metrics';

/** A scrape takes this long at most, in ms, whatever the modules do. Prometheus waits 10 s. */
const PATIENCE = 3000;

interface Response {
  set(field: string, value: string): this;
  send(body: Buffer): unknown;
}

export function serveMetrics(RED: NodeAPI, deployed: DeployedModems): void {
  const { qfwdModemMetrics: isOn } = RED.settings as { readonly qfwdModemMetrics?: unknown };
  if (isOn !== true) return;
  RED.httpAdmin.get(
    '/qfwd/metrics',
    RED.auth.needsPermission('qfwd.read'),
    async (_request: unknown, response: Response) => {
      const modems = await Promise.all([...deployed.values()].map(figuresOf));
      response.set('Cache-Control', 'no-store').set('Content-Type', CONTENT_TYPE);
      // A string would get another content type.
      response.send(Buffer.from(openMetrics(modems)));
    },
  );
}

async function figuresOf({ id, name, modem, problem }: DeployedModem): Promise<Measured> {
  if (!modem) return { id, name, state: problem === undefined ? 'unused' : 'error' };
  const status = await within(systemClock, PATIENCE, modem.status());
  const { counters, state, waiting } = modem;
  const known = status ?? { counters, waiting, sockets: modem.connections().length };
  return { id, name, state, status: known };
}
