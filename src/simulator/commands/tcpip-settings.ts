import { TcpipError } from '../tcpip/errors';
import { SETTING_NAMES, settingName, settingRanges } from '../tcpip/settings';
import type { Arguments } from './arguments';
import type { Command, Machine } from './command';
import { lacking } from './lacking';

/** AT+QICFG */
export function settingsCommand({ options, tcpip: { settings } }: Machine): Command {
  const lacks = lacking(options);
  const names = SETTING_NAMES.filter((name) => !lacks.has(`+QICFG/${name.toUpperCase()}`));
  return {
    test: names.map((name) => `+QICFG: "${name}",${settingRanges(name)}`).join('\r\n'),
    write(exchange, args) {
      const name = settingName(args.string());
      if (!name || !names.includes(name)) throw new TcpipError(555);
      if (!args.more) exchange.info(`+QICFG: "${name}",${settings.get(name).join(',')}`);
      else if (!settings.set(name, values(args))) throw new TcpipError(552);
    },
  };
}

function values(args: Arguments): number[] {
  const all: number[] = [];
  while (args.more) all.push(args.integer(0, Infinity));
  return all;
}

/** AT+QISDE: whether the data of AT+QISEND is echoed. */
export function echoCommand({ tcpip }: Machine): Command {
  return {
    test: '+QISDE: (0,1)',
    read: (exchange) => exchange.info(`+QISDE: ${tcpip.echoesData ? 1 : 0}`),
    write(_exchange, args) {
      tcpip.echoesData = args.integer(0, 1) === 1;
      args.end();
    },
  };
}
