import { isIP } from 'node:net';

import type { BodyRules } from '../line/data-phase';
import type { Exchange } from '../line/exchange';
import type { Endpoint } from '../sockets/address';
import type { Connection } from '../sockets/connection';
import { TcpipError } from '../tcpip/errors';
import { LAST_ID } from '../tcpip/family';
import type { Arguments } from './arguments';
import type { Command, Machine } from './command';
import { decodeHex, FIXED_LENGTH } from './payload';

const ID = [0, LAST_ID] as const;
const MAX_SEND = 1460;
const MAX_HEX = 512;
/** The room that AT+QICFG="sendinfo" tells. */
const MOST_FREE = 10_240;

/** AT+QISEND: data behind a prompt, or with length 0 what was sent so far. */
export function sendCommand(machine: Machine): Command {
  const { tcpip } = machine;
  return {
    test: `+QISEND: (0-${LAST_ID}),(0-${MAX_SEND})`,
    async write(exchange, args) {
      const connection = connectionOf(machine, args.integer(...ID));
      const length = args.more ? args.integer(0, MAX_SEND) : undefined;
      const to = args.more ? destination(args) : undefined;
      args.end();
      if (length === 0) {
        exchange.info(`+QISEND: ${totals(machine, connection)}`);
        return;
      }
      const isService = tcpip.requestOf(connection.id).type === 'UDP SERVICE';
      if (isService !== (to !== undefined) || (isService && length === undefined)) throw new TcpipError(552);
      if (!connection.isWritable) throw new TcpipError(567);

      const body = await exchange.body(bodyRules(machine, exchange, length));
      if (body === 'too-long') throw new TcpipError(552);
      if (body === 'cancelled' || body === 'timed-out') {
        unsent(machine, exchange, body);
        return;
      }
      const data = tcpip.settings.isOn('dataformat') ? decodeHex(body.data) : body.data;
      await send(machine, exchange, connection, data, to);
    },
  };
}

/** AT+QISENDEX: data as hexadecimal digits, without a prompt. */
export function hexSendCommand(machine: Machine): Command {
  const { options, tcpip } = machine;
  return {
    test: `+QISENDEX: (0-${LAST_ID}),<hex_string>`,
    async write(exchange, args) {
      const connection = connectionOf(machine, args.integer(...ID));
      const digits = args.string();
      if (args.more) args.integer(0, 2); // release assistance, of NB-IoT
      args.end();
      const limit = options.sendexLimit === 'bytes' ? MAX_HEX * 2 : MAX_HEX;
      const isService = tcpip.requestOf(connection.id).type === 'UDP SERVICE';
      if (digits === '' || digits.length > limit || isService) throw new TcpipError(552);
      if (!connection.isWritable) throw new TcpipError(567);
      await send(machine, exchange, connection, decodeHex(Buffer.from(digits, 'latin1')), undefined);
    },
  };
}

function connectionOf({ tcpip }: Machine, id: number): Connection {
  const connection = tcpip.sockets.connection(id);
  if (!connection || connection.state === 'opening') throw new TcpipError(567);
  return connection;
}

/** A UDP service sends to addresses, not to names. */
function destination(args: Arguments): Endpoint {
  const address = args.string();
  if (isIP(address) === 0) throw new TcpipError(552);
  return { address, port: args.integer(1, 65_535) };
}

/** `<total>,<acked>,<unacked>` in bytes. */
function totals({ options }: Machine, { protocol, totals: { sent }, figures }: Connection): string {
  const delivered = sent - figures.sendUsed;
  const acknowledged = protocol === 'tcp' || options.udpAcked === 'all' ? delivered : 0;
  return `${sent},${acknowledged},${sent - acknowledged}`;
}

function bodyRules({ options, tcpip }: Machine, exchange: Exchange, length: number | undefined): BodyRules {
  const { settings } = tcpip;
  const [seconds = 0] = settings.get('qisend/timeout');
  const digits = settings.isOn('dataformat') ? 2 : 1;
  return {
    limit: MAX_SEND * digits,
    ...(length !== undefined && { length: length * digits }),
    controls: length === undefined || FIXED_LENGTH[options.fixedLength],
    echo: tcpip.echoesData && (options.sendEcho !== 'with-echo' || exchange.settings.echo),
    ...(seconds > 0 && { timeout: seconds * 1000 }),
  };
}

/** Ends a command whose data did not come. */
function unsent({ options, tcpip }: Machine, exchange: Exchange, why: 'cancelled' | 'timed-out'): void {
  tcpip.lastError = why === 'cancelled' ? 571 : 569;
  const result = why === 'cancelled' ? options.sendCancelled : options.sendTimedOut;
  exchange.result(result === 'none' ? '' : result);
}

/** Hands over all of the data, or nothing. */
async function send(
  { tcpip: { settings } }: Machine,
  exchange: Exchange,
  connection: Connection,
  data: Buffer,
  to: Endpoint | undefined,
): Promise<void> {
  const { id } = connection;
  const { sendMax, sendUsed } = connection.figures;
  const isFull = data.length > sendMax - sendUsed;
  const isLost = !isFull && connection.send(data, to) === undefined;
  if (settings.isOn('sendinfo') && !isLost) {
    const free = Math.min(MOST_FREE, sendMax - connection.figures.sendUsed);
    exchange.info(`+QISEND: ${id},${isFull ? 1 : 0},${free}`);
    return;
  }
  const [mode = 0] = settings.get('TCP/SendMode');
  if (mode === AFTER_ACKNOWLEDGMENT && !isFull) await connection.delivered();
  exchange.result((SEND_RESULTS[mode] ?? plain)(id, isFull || isLost ? 'SEND FAIL' : 'SEND OK'));
}

const AFTER_ACKNOWLEDGMENT = 1;
const plain = (_id: number, result: string): string => result;
/** For each value of AT+QICFG="TCP/SendMode". */
const SEND_RESULTS = [
  plain,
  plain,
  (id: number, result: string) => `${id},${result}`,
  (_id: number, result: string) => `+QIURC: ${result}`,
  (id: number, result: string) => `+QIURC: ${id},${result}`,
];
