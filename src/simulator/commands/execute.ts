import { AtError } from '../errors';
import { MAX_LINE } from '../line/command-line';
import type { Exchange } from '../line/exchange';
import { splitCommands, type ParsedCommand } from '../line/split';
import type { SimulatorOptions } from '../options';
import { Arguments } from './arguments';
import type { Command, CommandTable, Machine } from './command';
import { controlCommands } from './control';
import { identityCommands } from './identity';
import { lacking } from './lacking';
import { networkCommands } from './network';
import { queueCommand, receiveCommand, sendCommand } from './qfwd-data';
import { clientCommand, serverCommand } from './qfwd-open';
import { closeCommand, configureCommand, stateCommand } from './qfwd-socket';
import { tcpipCommands } from './tcpip';

/** Names of the server, state and close commands for each value of the option `names`. */
const SPELLINGS = {
  manual: ['QFWDSEVER', 'QFWDSTATE', 'QFWDCLOSE'],
  headings: ['QFWDSEVER', 'QFWDSSSTATE', 'QFWDSCLOSE'],
  server: ['QFWDSERVER', 'QFWDSTATE', 'QFWDCLOSE'],
} as const;

/** Executes command lines. An error that it throws is the result of the whole line. */
export function commandRunner(machine: Machine): (line: string, exchange: Exchange) => Promise<void> {
  const { family } = machine.options;
  const general: CommandTable = {
    ...identityCommands(machine),
    ...controlCommands(machine),
    ...networkCommands(machine),
    ...tcpipCommands(machine),
  };
  const forwarding = family === 'tcpip' ? {} : forwardingCommands(machine);
  const lacks = lacking(machine.options);

  const find = (name: string): Command => {
    const command = lacks.has(name) ? undefined : (general[name] ?? forwarding[name]);
    if (!command) throw new AtError(4);
    if (name in forwarding && !machine.modem.apReady) throw new AtError(3);
    return command;
  };

  const { joined } = machine.options;
  const most = mostOnLine(machine.options);
  return async (line, exchange) => {
    const commands = line.length > MAX_LINE ? undefined : splitCommands(line);
    if (!commands) throw new AtError(100);
    // Basic commands (ATE0V1) always share a line.
    const isTooLong = commands.filter(isExtended).length > most;
    if (isTooLong && joined !== 'first' && joined !== 'ignored') throw new AtError(100);
    let extended = 0;
    for (const [index, parsed] of commands.entries()) {
      const isFurther = isExtended(parsed) && ++extended > 1;
      if (extended > most && joined === 'ignored') return;
      if (isFurther && joined === 'each') exchange.partResult('OK');
      if (index > 0) await exchange.sendPart(index, commands.length);
      if (extended > most) throw new AtError(100);
      await runOne(find(parsed.name), parsed, exchange);
    }
  };
}

const isExtended = ({ name }: ParsedCommand): boolean => name.startsWith('+');

/** How many extended commands of a line are executed. */
function mostOnLine({ joined, mostJoined }: SimulatorOptions): number {
  if (mostJoined > 0) return mostJoined;
  return joined === 'executed' || joined === 'each' ? Infinity : 1;
}

function forwardingCommands(machine: Machine): CommandTable {
  const [server, state, close] = SPELLINGS[machine.options.names];
  return {
    [`+${server}`]: serverCommand(server, machine),
    '+QFWDCLIENT': clientCommand(machine),
    '+QFWDSEND': sendCommand(machine),
    '+QFWDRECV': receiveCommand(machine),
    '+QFWDACK': queueCommand(machine),
    [`+${state}`]: stateCommand(state, machine),
    [`+${close}`]: closeCommand(machine),
    '+QFWDCFG': configureCommand(machine),
  };
}

async function runOne(command: Command, { form, args }: ParsedCommand, exchange: Exchange): Promise<void> {
  if (form === 'test' && command.test !== undefined) {
    if (command.test !== '') exchange.info(command.test);
  } else if (form === 'read' && command.read) {
    await command.read(exchange);
  } else if (form === 'write' && command.write) {
    await command.write(exchange, new Arguments(args));
  } else if (form === 'execute' && command.execute) {
    await command.execute(exchange, args);
  } else {
    throw new AtError(4);
  }
}
