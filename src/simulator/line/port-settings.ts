import type { SimulatorOptions } from '../options';
import type { PortSettings } from './exchange';

/** What an AT port is set to at power-on, and by ATZ and AT&F. */
export const initialSettings = ({ echo, cmee, results }: SimulatorOptions): PortSettings => ({
  echo,
  cmee,
  verbose: results !== 'numbers',
  quiet: results === 'none',
});
