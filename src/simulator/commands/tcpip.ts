import { AtError } from '../errors';
import { TCPIP_ERRORS, TcpipError } from '../tcpip/errors';
import type { TcpipStack } from '../tcpip/stack';
import type { Command, CommandTable, Machine } from './command';
import { asynchronousContextCommands, contextCommands } from './tcpip-context';
import { modeCommand, returnCommand } from './tcpip-mode';
import { tcpipNetworkCommands } from './tcpip-network';
import { openCommand } from './tcpip-open';
import { readCommand } from './tcpip-read';
import { hexSendCommand, sendCommand } from './tcpip-send';
import { echoCommand, settingsCommand } from './tcpip-settings';
import { closeCommand, stateCommand } from './tcpip-socket';

/** The TCP/IP commands. Without `family` `tcpip`, only those for PDP contexts, which sockets of other commands need, too. */
export function tcpipCommands(machine: Machine): CommandTable {
  const { options, tcpip } = machine;
  const contexts = contextCommands(machine);
  if (options.family === 'qfwd') return recorded(contexts, machine);
  const commands = {
    ...contexts,
    ...(options.activateAsync && asynchronousContextCommands(machine)),
    '+QIOPEN': openCommand(machine),
    '+QISEND': sendCommand(machine),
    '+QISENDEX': hexSendCommand(machine),
    '+QIRD': readCommand(machine),
    '+QISTATE': stateCommand(machine),
    '+QICLOSE': closeCommand(machine),
    '+QISWTMD': modeCommand(machine),
    O: returnCommand(machine),
    '+QICFG': settingsCommand(machine),
    '+QISDE': echoCommand(machine),
    ...tcpipNetworkCommands(machine),
  };
  return {
    ...recorded(commands, machine),
    '+QIGETERROR': {
      test: '',
      execute: (exchange) =>
        exchange.info(`+QIGETERROR: ${tcpip.lastError},${TCPIP_ERRORS[tcpip.lastError]}`),
    },
  };
}

/** Commands whose result AT+QIGETERROR tells. */
const recorded = (commands: CommandTable, machine: Machine): CommandTable =>
  Object.fromEntries(
    Object.entries(commands).map(([name, command]) => [name, recordedCommand(command, machine)]),
  );

function recordedCommand(command: Command, { options, tcpip }: Machine): Command {
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
