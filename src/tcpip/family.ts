import { asking, askTwice, plainCommand } from '../at';
import type { SocketFamily } from '../sockets';
import { ACTIVATION } from './contexts';
import { FAMILY } from './facts';
import { applySettings, SETTING_CHANGES } from './settings';
import { TcpipCommands } from './tcpip-commands';
import { decodeUrc, isUnsolicited } from './urc';

/** The TCP/IP stack of the module: AT+QIOPEN … of all Quectel LTE modules. */
export const tcpipFamily: SocketFamily = {
  name: FAMILY,
  identifiedBy: ['QIOPEN'],
  models: /^(AG|BG|EC|EG|EM|EP|RG|RM)\d/i,
  changes: [...SETTING_CHANGES, ACTIVATION],
  isUnsolicited,
  decodeUrc,
  detect: async (execute, options, before) => {
    const ask = asking(execute);
    const response = await askTwice(ask, plainCommand('AT+QIOPEN=?', ['+QIOPEN:']));
    if (!response?.isCertain) return undefined;
    await applySettings(ask);
    return new TcpipCommands(options, before instanceof TcpipCommands ? before : undefined);
  },
};
