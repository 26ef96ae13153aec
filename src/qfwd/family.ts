import { asking } from '../at';
import type { SocketFamily } from '../sockets';
import { detectDialect } from './detect';
import { SPELLINGS } from './dialect';
import { QfwdCommands } from './qfwd-commands';
import { decodeUrc, isUnsolicited } from './urc';

/** Socket forwarding: AT+QFWD… of EC21, EC25 and EC20 R2.1. */
export const qfwdFamily: SocketFamily = {
  name: 'qfwd',
  identifiedBy: SPELLINGS.server,
  models: /^E[CG]2[015](?!\d)/i,
  isUnsolicited,
  decodeUrc,
  detect: async (execute, options, before) => {
    const dialect = await detectDialect(asking(execute), options.dialect);
    return dialect && new QfwdCommands(dialect, options, before instanceof QfwdCommands ? before : undefined);
  },
};
