import { SimulatedModule, type SimulatorOptions } from '../../../src/simulator';
import { serveTcp } from '../../../src/simulator/serve-tcp';
import { virtualClock } from '../../support/virtual-clock';
import { defer } from '../../support/cleanup';
import { type NodeConfig, node } from './flow';
import { freePort } from '../../support/free-port';

/** A module whose AT port is served over TCP, so that things can go wrong with it, and the modem node for it. */
export async function serveModule(options: Partial<SimulatorOptions> = {}, properties: object = {}) {
  virtualClock();
  const module = new SimulatedModule(options);
  const port = await freePort();
  const served = await serveTcp(module, 'usbat', { host: '127.0.0.1', port });
  defer(async () => {
    await served.close();
    await module.powerOff();
  });
  const modem: NodeConfig = node('modem', { transport: 'tcp', host: '127.0.0.1', port, ...properties });
  return { module, served, modem };
}
