import { AtError } from '../errors';
import { TCPIP_ERRORS, TcpipError } from '../tcpip/errors';
import type { TcpipStack } from '../tcpip/stack';
import type { Command, CommandTable, Machine } from './command';
import { activateCommand, deactivateCommand, defineCommand } from './tcpip-context';
import { readCommand } from './tcpip-read';
import { openCommand } from './tcpip-open';
import { hexSendCommand, sendCommand } from './tcpip-send';
import { echoCommand, settingsCommand } from './tcpip-settings';
import { closeCommand, stateCommand } from './tcpip-socket';

/** The TCP/IP commands, AT+QI…. */
export function tcpipCommands(machine: Machine): CommandTable {
  const { tcpip } = machine;
  const commands: CommandTable = {
    '+QICSGP': defineCommand(machine),
    '+QIACT': activateCommand(machine),
    '+QIDEACT': deactivateCommand(machine),
    '+QIOPEN': openCommand(machine),
    '+QISEND': sendCommand(machine),
    '+QISENDEX': hexSendCommand(machine),
    '+QIRD': readCommand(machine),
    '+QISTATE': stateCommand(machine),
    '+QICLOSE': closeCommand(machine),
    '+QICFG': settingsCommand(machine),
    '+QISDE': echoCommand(machine),
  };
  return {
    ...Object.fromEntries(
      Object.entries(commands).map(([name, command]) => [name, recorded(command, machine)]),
    ),
    '+QIGETERROR': {
      test: '',
      execute: (exchange) =>
        exchange.info(`+QIGETERROR: ${tcpip.lastError},${TCPIP_ERRORS[tcpip.lastError]}`),
    },
  };
}

/** A command whose result AT+QIGETERROR tells. */
function recorded(command: Command, { options, tcpip }: Machine): Command {
  const run = async (action: () => void | Promise<void>): Promise<void> => {
    try {
      tcpip.lastError = 0;
      await action();
    } catch (error) {
      throw failure(error, tcpip, options.tcpipErrors);
    }
  };
  return {
    ...(command.test !== undefined && { test: command.test }),
    ...(command.read && { read: (exchange) => run(() => command.read?.(exchange)) }),
    ...(command.write && { write: (exchange, args) => run(() => command.write?.(exchange, args)) }),
    ...(command.execute && { execute: (exchange, suffix) => run(() => command.execute?.(exchange, suffix)) }),
  };
}

/** Notes what failed, and says how it is reported. Whatever the commands do not name is a wrong parameter. */
function failure(error: unknown, tcpip: TcpipStack, form: 'bare' | 'cme'): unknown {
  if (!(error instanceof TcpipError || error instanceof AtError)) return error;
  const code = error instanceof TcpipError ? error.code : 552;
  tcpip.lastError = code;
  return form === 'bare' ? new AtError('none') : new AtError(code, TCPIP_ERRORS[code]);
}
