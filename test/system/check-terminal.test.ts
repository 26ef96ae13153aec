/** `qfwd-check` as it was built, on a terminal, with a module at a tty: what is on the screen, and what is left in the module. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SerialPort } from 'serialport';

import { SimulatedModule, type SimulatorOptions } from '../../src/simulator';
import { servePty } from '../../src/simulator/serve-pty';
import { Program } from './support/program';
import { tempDir, useScope } from './support/scope';

const CTRL_C = '\x03';
const COLUMNS = 60;

interface Case {
  readonly what: string;
  readonly options?: Partial<SimulatorOptions>;
  readonly args?: string;
  readonly isSilent?: boolean;
  readonly isLocked?: boolean;
  readonly status: number;
  readonly screen: readonly RegExp[];
}

const CASES: readonly Case[] = [
  {
    what: 'a module with which all is well',
    status: 0,
    screen: [/^The check will\n- open the port/m, /^✓ SIM +READY · ICCID …/m, /^All is well\.$/m],
  },
  {
    what: 'a check without sockets',
    args: '--no-sockets',
    status: 0,
    screen: [/^ {2}round trip of a command/m],
  },
  {
    what: 'a SIM that needs its PIN',
    options: { pin: '1234' },
    status: 0,
    screen: [/^! SIM +SIM PIN\n {4}The SIM needs its PIN/m, /^It works\. Look at what is marked with !\.$/m],
  },
  {
    what: 'a silent module',
    isSilent: true,
    status: 1,
    screen: [/^✗ port +the module does not answer\n {4}.*nobody answers AT/m, /^- not checked +AT, module/m],
  },
  {
    what: 'a port that another program uses',
    isLocked: true,
    status: 1,
    screen: [/^✗ port +port in use by another/m],
  },
  {
    what: 'a port that does not exist',
    args: '--port /dev/none',
    status: 2,
    screen: [/^Name one with --port PATH/m],
  },
];

const STAGES = [
  /^AT\+CGMM/,
  /^AT\+QFWDSEVER=0/,
  /^AT\+QFWDSEND=\d+,\d,512$/,
  /^AT\+QFWDSEVER=.*,60900,/,
] as const;

describe('qfwd-check on a terminal', () => {
  const scope = useScope();

  async function start({ options, args = '', isSilent = false, isLocked = false }: Partial<Case>) {
    const module = new SimulatedModule({ family: 'qfwd', pin: '', ...options });
    scope.defer(() => module.powerOff());
    if (isSilent) module.inject({ receive: () => Buffer.alloc(0), send: () => [] });
    const tty = path.join(await tempDir(scope), 'ttyUSB2');
    const served = await servePty(module, 'usbat', tty);
    scope.defer(() => served.close());
    if (isLocked) {
      const other = await opened(tty);
      scope.defer(() => other.close());
    }
    const command = `stty cols ${COLUMNS}; exec ${process.execPath} dist/src/check/cli.js --port ${tty} ${args}`;
    const program = new Program(scope, 'script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      env: { TERM: 'xterm', SHELL: '/bin/sh' },
    });
    return { module, tty, program };
  }

  /** Settings and sockets, as the module shows them at the port, which must be free for it. */
  async function leftIn(tty: string): Promise<string> {
    const port = await opened(tty);
    let said = '';
    port.on('data', (bytes: Buffer) => (said += bytes.toString()));
    port.write('AT+CMEE?\rAT+QFWDSEVER?\rAT+QFWDCLIENT?\r');
    while ((said.match(/OK\r\n/g) ?? []).length < 3) await once(port, 'data');
    port.close();
    await once(port, 'close');
    return said.replace(/[\r\n]+/g, ' ').trim();
  }

  const UNCHANGED = 'AT+CMEE? +CMEE: 0 OK AT+QFWDSEVER? OK AT+QFWDCLIENT? OK';

  for (const example of CASES) {
    it(`shows ${example.what}, in lines that fit`, async () => {
      const { program } = await start(example);
      assert.equal(await program.exited, example.status, program.output);
      const screen = shown(program.output);
      for (const wanted of example.screen) assert.match(screen, wanted);
      const long = screen.split('\n').filter((line) => line.length > COLUMNS && line.trim().includes(' '));
      assert.deepEqual(long, []);
    });
  }

  for (const [number, stage] of STAGES.entries()) {
    for (const [what, end] of [
      ['Ctrl-C', (program: Program) => program.write(CTRL_C)],
      ['the end of its terminal', (program: Program) => program.signal('SIGKILL')],
    ] as const) {
      it(`leaves nothing behind after ${what} in stage ${number + 1}`, async () => {
        const { module, tty, program } = await start({});
        const isThere = written(module, stage);
        const isOver = written(module, /^ATE1$/);
        await isThere;
        end(program);
        const status = await program.exited;
        await isOver;
        if (what === 'Ctrl-C') {
          assert.equal(status, 1);
          assert.match(shown(program.output), /^The check was ended early\.$/m);
        }
        assert.equal(await leftIn(tty), UNCHANGED);
      });
    }
  }
});

/** Resolves when the module receives such a command line. */
function written(module: SimulatedModule, command: RegExp): Promise<void> {
  return new Promise((resolve) =>
    module.on('command', (line) => {
      if (command.test(line)) resolve();
    }),
  );
}

/** Opens the port as soon as no other program has it. */
async function opened(tty: string): Promise<SerialPort> {
  for (;;) {
    const port = new SerialPort({ path: tty, baudRate: 115_200, autoOpen: false });
    const error = await new Promise<Error | null>((resolve) => port.open(resolve));
    if (!error) return port;
    if (!/lock/i.test(error.message)) throw error;
    await sleep(50);
  }
}

/** What is on the screen in the end: of the line that shows the progress, nothing is left. */
function shown(output: string): string {
  return output
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => line.split('\r\x1b[K').at(-1))
    .join('\n');
}
