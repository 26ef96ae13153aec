import { TcpipError, type TcpipCode } from '../tcpip/errors';
import { urcs } from '../tcpip/urcs';
import type { Command, CommandTable, Machine } from './command';

/** Commands for PDP contexts, which modules without AT+QIOPEN have as well. */
export function contextCommands(machine: Machine): CommandTable {
  return {
    '+QICSGP': defineCommand(machine),
    '+QIACT': activateCommand(machine),
    '+QIDEACT': deactivateCommand(machine),
  };
}

/** AT+QICSGP */
function defineCommand({ options, tcpip }: Machine): Command {
  const { contexts } = tcpip;
  return {
    test: `+QICSGP: (1-${options.contexts}),(1-3),<APN>,<username>,<password>,(0-3)`,
    write(exchange, args) {
      const id = args.integer(1, options.contexts);
      if (!args.more) {
        const { type, apn, user, password, auth } = contexts.definition(id);
        exchange.info(`+QICSGP: ${type},"${apn}","${user}","${password}",${auth}`);
        return;
      }
      const type = args.integer(1, 3);
      const [apn, user, password] = [args.string(''), args.string(''), args.string('')];
      const auth = args.integer(0, 3, 0);
      args.end();
      contexts.define(id, { type, apn, user, password, auth });
    },
  };
}

/** AT+QIACT: the port is busy until the context is active. */
function activateCommand({ options, tcpip }: Machine): Command {
  const { contexts } = tcpip;
  return {
    test: `+QIACT: (1-${options.contexts})`,
    read: (exchange) =>
      contexts.listed.forEach((id) => {
        const addresses = contexts.addresses(id).map((address) => `"${address}"`);
        exchange.info(`+QIACT: ${[id, 1, contexts.definition(id).type, ...addresses].join(',')}`);
      }),
    async write(exchange, args) {
      const id = args.integer(1, options.contexts);
      args.end();
      await exchange.wait(options.activateDelay);
      contexts.activate(id);
    },
  };
}

/** AT+QIDEACT: closes all sockets of the context. */
function deactivateCommand({ options, tcpip }: Machine): Command {
  return {
    test: `+QIDEACT: (1-${options.contexts})`,
    async write(exchange, args) {
      const id = args.integer(1, options.contexts);
      args.end();
      await exchange.wait(options.activateDelay);
      tcpip.deactivate(id);
    },
  };
}

/** AT+QIACTEX, AT+QIDEACTEX: the same, but the result follows OK as a URC. */
export function asynchronousContextCommands(machine: Machine): CommandTable {
  const { options, tcpip } = machine;
  const command = (name: string, action: (id: number) => void): Command => ({
    test: `+${name}: (1-${options.contexts}),(0,1)`,
    write(exchange, args) {
      const id = args.integer(1, options.contexts);
      args.integer(0, 1, 0);
      args.end();
      const report = (): void => {
        const code = codeOf(() => action(id));
        tcpip.urc(exchange.port, urcs.context(name, id, code));
      };
      exchange.after(() => tcpip.later(options.activateDelay, report));
    },
  });
  return {
    '+QIACTEX': command('QIACTEX', (id) => tcpip.contexts.activate(id)),
    '+QIDEACTEX': command('QIDEACTEX', (id) => tcpip.deactivate(id)),
  };
}

/** The code of what `action` ends with. */
function codeOf(action: () => void): TcpipCode {
  try {
    action();
    return 0;
  } catch (error) {
    if (error instanceof TcpipError) return error.code;
    throw error;
  }
}
