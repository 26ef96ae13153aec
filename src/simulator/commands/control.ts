import { AtError } from '../errors';
import { initialSettings } from '../line/port-settings';
import { PORT_NAMES } from '../options';
import type { Command, CommandTable, Machine } from './command';

/** `<fun>` of AT+CFUN: the SIM has no power. */
const MINIMUM = 0;
const FULL = 1;

/** Basic commands that are accepted without any effect, with their allowed digits. */
const accepts = (pattern: RegExp): Command => ({
  execute(_exchange, suffix) {
    if (!pattern.test(suffix)) throw new AtError(50);
  },
});

/** An S-register that has one value here. */
const register = (value: number): Command => ({
  read: (exchange) => exchange.info(String(value).padStart(3, '0')),
  write: (_exchange, args) => void args.integer(value, value),
});

/** Commands for the AT port and the module as a whole. */
export function controlCommands(machine: Machine): CommandTable {
  const { options, modem, sim } = machine;
  const restore: Command = {
    execute: ({ settings }) => void Object.assign(settings, initialSettings(options)),
  };
  return {
    E: {
      execute({ settings }, suffix) {
        if (!/^[01]?$/.test(suffix)) throw new AtError(50);
        settings.echo = suffix === '1';
      },
    },
    V: {
      execute({ settings }, suffix) {
        if (!/^[01]?$/.test(suffix)) throw new AtError(50);
        settings.verbose = suffix === '1';
      },
    },
    Q: {
      execute({ settings }, suffix) {
        if (!/^[01]?$/.test(suffix)) throw new AtError(50);
        settings.quiet = suffix === '1';
      },
    },
    S3: register(13),
    S4: register(10),
    S5: register(8),
    X: accepts(/^[0-4]$/),
    '&C': accepts(/^[01]?$/),
    '&D': accepts(/^[0-2]?$/),
    '&F': restore,
    '&W': accepts(/^0?$/),
    Z: restore,
    '+CMEE': {
      test: '+CMEE: (0-2)',
      read: (exchange) => exchange.info(`+CMEE: ${exchange.settings.cmee}`),
      write: ({ settings }, args) => void (settings.cmee = args.integer(0, 2)),
    },
    '+CFUN': {
      test: '+CFUN: (0,1,4),(0,1)',
      read: (exchange) => exchange.info(`+CFUN: ${modem.functionality}`),
      write(exchange, args) {
        const functionality = args.integer(0, 4);
        const reset = args.more && args.integer(0, 1) === 1;
        args.end();
        if (reset || functionality !== FULL) exchange.after(() => machine.tcpip.loseContexts());
        if (reset) exchange.after(() => machine.reboot());
        const before = modem.functionality;
        modem.functionality = functionality;
        if (functionality === MINIMUM) sim.powerOff();
        else if (before === MINIMUM) exchange.after(() => machine.startSim());
        if (functionality === FULL && before !== FULL) modem.searchNetwork();
      },
    },
    '+IPR': {
      test: '+IPR: (4800,9600,19200,38400,57600,115200,230400,460800,921600,2900000,3000000,3200000,3686400,4000000)',
      read: (exchange) => exchange.info(`+IPR: ${options.baud === 0 ? 115_200 : options.baud}`),
      write: (_exchange, args) => void args.integer(0, 4_000_000),
    },
    '+IFC': {
      test: '+IFC: (0,2),(0,2)',
      read: (exchange) => exchange.info('+IFC: 0,0'),
      write(_exchange, args) {
        args.integer(0, 2);
        args.integer(0, 2, 0);
      },
    },
    '+QURCCFG': {
      test: '+QURCCFG: "urcport",("usbat","usbmodem","uart1")',
      write(exchange, args) {
        args.word(['urcport']);
        if (args.more) modem.urcPort = args.word(PORT_NAMES);
        else exchange.info(`+QURCCFG: "urcport","${modem.urcPort}"`);
      },
    },
  };
}
