import type { Transport } from '../../../src/at';
import type { SimulatedModule } from '../../../src/simulator';
import { inProcessTransport } from '../../../src/transport';

/** The module in this process, and the command lines that the driver meant to send. */
export function observed(lines: string[]): (module: SimulatedModule) => Transport {
  return (module) => {
    const transport = inProcessTransport('the module', () => module.attach());
    return {
      ...transport,
      open: async (events) => {
        const link = await transport.open(events);
        return {
          ...link,
          write: (bytes) => {
            const text = bytes.toString('latin1');
            if (/^AT\P{Cc}*\r$/u.test(text)) lines.push(text.slice(0, -1));
            link.write(bytes);
          },
        };
      },
    };
  };
}
