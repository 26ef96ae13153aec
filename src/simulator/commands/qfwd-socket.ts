import { AtError } from '../errors';
import { PORT_NAMES } from '../options';
import { endpoints } from '../urc';
import type { Command, Machine } from './command';

const ID = [1, 65_535] as const;

/** AT+QFWDSTATE (manual 2.6); the name depends on the option `names`. */
export function stateCommand(name: string, { sockets }: Machine): Command {
  return {
    test: '',
    write(exchange, args) {
      const id = args.integer(...ID);
      args.end();
      if (!sockets.server(id)) throw new AtError(3);
      sockets.connections
        .filter(({ serverId }) => serverId === id)
        .forEach((accepted, index) =>
          exchange.info(
            `+${name}: ${index + 1},${accepted.id},${endpoints(accepted.remote, accepted.local)}`,
          ),
        );
    },
  };
}

/** AT+QFWDCLOSE (manual 2.7); the name depends on the option `names`. */
export function closeCommand({ sockets }: Machine): Command {
  return {
    test: '',
    write(_exchange, args) {
      const socket = sockets.get(args.integer(...ID));
      args.end();
      if (!socket) throw new AtError(3);
      socket.close();
    },
  };
}

/** AT+QFWDCFG="urc" (manual 2.8). */
export function configureCommand({ sockets }: Machine): Command {
  return {
    test: '+QFWDCFG: "urc",<socketfd>,<urc_port>',
    write(exchange, args) {
      args.word(['urc']);
      const id = args.integer(...ID);
      const urcPort = args.more ? args.word(PORT_NAMES) : undefined;
      args.end();
      const socket = sockets.get(id);
      if (!socket) throw new AtError(3);
      if (urcPort === undefined) {
        exchange.info(`+QFWDCFG: "urc",${id},"${socket.urcPort}"`);
        return;
      }
      socket.urcPort = urcPort;
      const shared = sockets.connection(id);
      if (shared) shared.urcPort = urcPort;
    },
  };
}
