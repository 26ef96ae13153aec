import type { Command, CommandTable, Machine } from './command';

const MANUFACTURER = 'Quectel';
const MODEL = 'EC25';
const REVISION = 'EC25EFAR06A03M4G';
const ICCID = '89860000000000000017';

const says = (text: string): Command => ({
  test: '',
  execute: (exchange) => exchange.info(text),
});

/** Identification commands. */
export const identityCommands = ({ options }: Machine): CommandTable => ({
  I: {
    execute(exchange) {
      exchange.info(`${MANUFACTURER}\r\n${MODEL}\r\nRevision: ${REVISION}`);
    },
  },
  '+CGMI': says(MANUFACTURER),
  '+GMI': says(MANUFACTURER),
  '+CGMM': says(MODEL),
  '+GMM': says(MODEL),
  '+CGMR': says(REVISION),
  '+GMR': says(REVISION),
  '+QGMR': says(REVISION),
  '+CGSN': says(options.imei),
  '+GSN': says(options.imei),
  '+QCCID': says(`+QCCID: ${ICCID}`),
});
