import { AtError } from '../errors';
import type { SimSlot } from '../sim-slot';
import type { Command, CommandTable, Machine } from './command';

const OPERATOR = 'Simulated';
const LTE = 7;
/** `<rssi>` of AT+CSQ: -73 dBm, and the value for no signal. */
const SIGNAL = '20,99';
const NO_SIGNAL = '99,99';
/** AT+QCSQ: RSSI, RSRP, SINR in steps of 0.2 dB from -20 dB, and RSRQ. */
const LTE_SIGNAL = '"LTE",-73,-101,164,-9';
const NETWORK = '"FDD LTE","00101","LTE BAND 3",1300';

/** Commands for SIM and network that a driver may use before it opens sockets. */
export function networkCommands(machine: Machine): CommandTable {
  const { sim, modem, tcpip } = machine;
  const registered = () => modem.registration === 1;
  return {
    '+CPIN': {
      test: '',
      read: (exchange) => exchange.info(`+CPIN: ${sim.state}`),
      write(exchange, args) {
        const code = args.any().replaceAll('"', '');
        if (args.more) sim.card.unblock(code, args.any().replaceAll('"', ''));
        else sim.card.enterPin(code);
        modem.searchNetwork();
        exchange.after(() => simReady(machine));
      },
    },
    '+QPINC': {
      test: '+QPINC: ("SC","P2")',
      read: (exchange) => exchange.info(pinCounter(sim)),
      write: (exchange, args) => {
        args.word(['SC']);
        exchange.info(pinCounter(sim));
      },
    },
    '+CSQ': {
      test: '+CSQ: (0-31,99),(0-7,99)',
      execute: (exchange) => exchange.info(`+CSQ: ${registered() ? SIGNAL : NO_SIGNAL}`),
    },
    '+QCSQ': {
      test: '+QCSQ: ("NOSERVICE","GSM","WCDMA","LTE")',
      execute: (exchange) => exchange.info(`+QCSQ: ${registered() ? LTE_SIGNAL : '"NOSERVICE"'}`),
    },
    '+QNWINFO': {
      test: '',
      execute: (exchange) => exchange.info(`+QNWINFO: ${registered() ? NETWORK : 'No Service'}`),
    },
    '+CGPADDR': {
      test: '',
      execute: (exchange) =>
        tcpip.contexts.listed.forEach((id) => {
          const addresses = tcpip.contexts.addresses(id).map((address) => `"${address}"`);
          exchange.info(`+CGPADDR: ${[id, ...addresses].join(',')}`);
        }),
    },
    '+CEER': {
      test: '',
      execute: (exchange) =>
        exchange.info(`+CEER: ${modem.registration === 3 ? 'EPS services not allowed' : 'No cause'}`),
    },
    '+CREG': registration('+CREG', machine),
    '+CGREG': registration('+CGREG', machine),
    '+CEREG': registration('+CEREG', machine),
    '+COPS': {
      test: `+COPS: (2,"${OPERATOR}","${OPERATOR}","00101",${LTE}),,(0-4),(0-2)`,
      read: (exchange) => exchange.info(registered() ? `+COPS: 0,0,"${OPERATOR}",${LTE}` : '+COPS: 0'),
      write: (_exchange, args) => void args.integer(0, 4),
    },
    '+CGATT': {
      test: '+CGATT: (0,1)',
      read: (exchange) => exchange.info(`+CGATT: ${registered() ? 1 : 0}`),
      write: (_exchange, args) => void args.integer(0, 1),
    },
    '+CGDCONT': contextDefinitions(),
  };
}

/** Remaining attempts for PIN and PUK. */
const pinCounter = ({ card }: SimSlot) => `+QPINC: "SC",${card.triesLeft},${PUK_TRIES}`;
const PUK_TRIES = 10;

/** URCs sent when the SIM becomes ready. */
export function simReady(machine: Pick<Machine, 'urc'>): void {
  ['+CPIN: READY', '+QUSIM: 1', '+QIND: PB DONE', '+QIND: SMS DONE'].forEach((text) => machine.urc(text));
}

function registration(name: string, { modem }: Machine): Command {
  let mode = 0;
  return {
    test: `${name}: (0-2)`,
    read: (exchange) => exchange.info(`${name}: ${mode},${modem.registration}`),
    write: (_exchange, args) => void (mode = args.integer(0, 2)),
  };
}

/** AT+CGDCONT: stored only, because the sockets use the loopback interface. */
function contextDefinitions(): Command {
  const defined = new Map<number, string>();
  return {
    test: '+CGDCONT: (1-16)',
    read: (exchange) => defined.forEach((rest, cid) => exchange.info(`+CGDCONT: ${cid},${rest}`)),
    write(_exchange, args) {
      const cid = args.integer(1, 16);
      const fields = Array.from({ length: args.count - 1 }, () => args.any());
      if (fields[0] !== undefined && !/^"(IP|IPV6|IPV4V6|PPP)"$/i.test(fields[0])) throw new AtError(50);
      defined.set(cid, fields.join(','));
    },
  };
}
