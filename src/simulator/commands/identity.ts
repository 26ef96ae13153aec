import type { Command, CommandTable } from './command';

const MANUFACTURER = 'Quectel';
const MODEL = 'EC25';
const REVISION = 'EC25EFAR06A03M4G';
const IMEI = '861107030000017';
const ICCID = '89860000000000000017';

const says = (text: string): Command => ({
  test: '',
  execute: (exchange) => exchange.info(text),
});

/** Who the module says it is. */
export const identityCommands: CommandTable = {
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
  '+CGSN': says(IMEI),
  '+GSN': says(IMEI),
  '+QCCID': says(`+QCCID: ${ICCID}`),
};
