import { AtError } from '../errors';
import type { Exchange } from '../line/exchange';
import type { SimulatorOptions } from '../options';
import type { Connection } from '../sockets/connection';
import type { Arguments } from './arguments';
import type { Command, Machine } from './command';
import { decodeHex, FIXED_LENGTH } from './payload';

const MAX_LENGTH = 1024;
const ID = [1, 65_535] as const;
const LENGTH = [1, MAX_LENGTH] as const;
const HEX = 1;

/** AT+QFWDSEND (manual 2.3). */
export function sendCommand(machine: Machine): Command {
  const { options, sockets } = machine;
  return {
    test: '+QFWDSEND: <socket_id>,<data_format>,<send_length>',
    async write(exchange, args) {
      const id = args.integer(...ID);
      const hex = args.integer(0, HEX) === HEX;
      const length = args.more ? args.integer(0, MAX_LENGTH, 0) : 0;
      args.end();
      const connection = sockets.connection(id);
      if (connection === undefined || connection.state === 'opening') throw new AtError(3);

      const echo = exchange.settings.echo && options.bodyEcho;
      const body = await exchange.body({ ...bodyRules(hex, length, options), echo });
      if (body === 'cancelled' || body === 'timed-out') return;
      if (body === 'too-long') throw new AtError(50);
      const data = hex ? decodeHex(body.data) : body.data;
      const taken = connection.send(data.subarray(0, takenAtOnce(connection, options)));
      if (taken === undefined) throw new AtError(558);
      exchange.info(`+QFWDSEND: ${id},${hex && options.hexActual === 'chars' ? taken * 2 : taken}`);
    },
  };
}

/** The most that one command takes of its data: a datagram is never cut. */
const takenAtOnce = ({ protocol }: Connection, { partial }: SimulatorOptions): number =>
  protocol === 'udp' || partial === 0 ? Infinity : partial;

/** `length` 0: data of variable length. */
function bodyRules(hex: boolean, length: number, options: SimulatorOptions) {
  const limit = hex && options.hexLimit === 'bytes' ? MAX_LENGTH * 2 : MAX_LENGTH;
  if (length === 0) return { limit, controls: true };
  const wire = hex && options.hexUnits === 'bytes' ? length * 2 : length;
  if (wire > limit) throw new AtError(50);
  return { length: wire, limit, controls: FIXED_LENGTH[options.fixedLength] };
}

/** AT+QFWDRECV (manual 2.4). Firmware with the parameters of chapter 4 lacks it. */
export function receiveCommand(machine: Machine): Command {
  if (machine.options.args === 'example') return {};
  return {
    test: '+QFWDPRECV: <socket_id>,<read_len>',
    write: (exchange, args) => read(machine, exchange, args, machine.options.recvHeader),
  };
}

/** AT+QFWDACK (manual 2.5). In chapter 4 it also reads data, if a length is given. */
export function queueCommand(machine: Machine): Command {
  const example = machine.options.args === 'example';
  return {
    test: example ? '+QFWDACK: <socket_id>,<read_len>' : '+QFWDACK: <socket_id>',
    write(exchange, args) {
      if (example && args.count === 2) {
        read(machine, exchange, args, 'QFWDACK');
        return;
      }
      const id = args.integer(...ID);
      args.end();
      const connection = machine.sockets.connection(id);
      if (connection === undefined) throw new AtError(3);
      const { sendUsed, sendMax, recvUsed, recvMax } = connection.figures;
      const send = `${sendUsed},${sendMax - sendUsed},${sendMax}`;
      const receive = `${recvUsed},${recvMax - recvUsed},${recvMax}`;
      exchange.info(`+QFWDACK: ${id},${send},${receive}`);
    },
  };
}

function read({ options, sockets }: Machine, exchange: Exchange, args: Arguments, header: string): void {
  const id = args.integer(...ID);
  const max = args.integer(...LENGTH);
  args.end();
  const connection = sockets.connection(id);
  if (connection === undefined || connection.state === 'opening') throw new AtError(3);
  const data = connection.read(max);
  if (data === undefined) throw new AtError(559);
  if (data.length > 0) exchange.block(`+${header}: ${id},${data.length}`, data);
  else if (options.emptyRead === 'zero') exchange.info(`+${header}: ${id},0`);
  else throw new AtError(559);
}
