import type { ModemOptions } from '../../../src/modem';

/** The defaults of a new modem node, with shorter timeouts. */
export const MODEM_OPTIONS: ModemOptions = {
  dialect: 'auto',
  init: [],
  waitForNetwork: false,
  commandTimeout: 4000,
  openTimeout: 8000,
  payloadMode: 'auto',
  urcPort: 'usbat',
  pdpCid: 0,
  queueLimit: 1 << 20,
};
