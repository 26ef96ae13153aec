import type { Command, Machine } from './command';

const TEXT = '<APN>,<username>,<password>';

/** AT+QICSGP */
export function defineCommand({ options, tcpip }: Machine): Command {
  const { contexts } = tcpip;
  return {
    test: `+QICSGP: (1-${options.contexts}),(1-3),${TEXT},(0-3)`,
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
export function activateCommand({ options, tcpip }: Machine): Command {
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
export function deactivateCommand({ options, tcpip }: Machine): Command {
  return {
    test: `+QIDEACT: (1-${options.contexts})`,
    async write(exchange, args) {
      const id = args.integer(1, options.contexts);
      args.end();
      await exchange.wait(options.activateDelay);
      tcpip.closeAll(id);
      tcpip.contexts.deactivate(id);
    },
  };
}
