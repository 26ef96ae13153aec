import fc from 'fast-check';

import type { Fault, SimulatedModule } from '../../src/simulator';
import { QFWD, scenario } from '../support/modem/family';
import { readyRig } from '../support/modem/rig';
import { assertUnmoved } from '../support/modem/unmoved';
import { smsBody } from '../support/sms';

/** What a text says of sockets, with `ID` for the one that is open. */
const CLAIMS = {
  qfwd: [
    '+QFWDURC: "client/close",ID',
    '+QFWDURC: "client/incoming",1,ID,"10.0.0.2",40002,"10.0.0.1",2020',
    '+QFWDURC: "server/open",ID,98',
    '+QFWDRECV: ID,3',
  ],
  tcpip: [
    '+QIURC: "closed",ID',
    '+QIURC: "pdpdeact",1',
    '+QIURC: "incoming full"',
    '+QIURC: "recv",ID',
    '+QIOPEN: ID,563',
    '+QIRD: 3',
    'SEND OK',
    'SEND FAIL',
  ],
};
const OF_BOTH = [
  'RDY',
  'POWERED DOWN',
  'NO CARRIER',
  'OK',
  'ERROR',
  '+CME ERROR: 11',
  '> ',
  'CONNECT',
  '+CPIN: SIM PIN',
];

const claimed = (name: 'qfwd' | 'tcpip') =>
  fc
    .tuple(
      smsBody,
      fc.constantFrom(...CLAIMS[name], ...OF_BOTH),
      smsBody,
      fc.constantFrom('\r\n', '\n', '\r\n\r\n', '"\r\n', '",15\r\n'),
    )
    .map(([before, claim, after, end]) => `${before.slice(0, 60)}${end}${claim}\r\n${after.slice(0, 60)}`);

/** What a module answers with something that others wrote, in text mode and with lengths where it says them. */
const ANSWERS: Record<string, (body: string) => string> = {
  'AT+CMGR=1': (body) => `+CMGR: "REC READ","+49170",,"26/11/28,10:00:00+04"\r\n${body}`,
  'AT+CMGR=2': (body) =>
    `+CMGR: "REC READ","+49170",,"26/11/28,10:00:00+04",145,4,0,0,"+49171",145,${body.length}\r\n${body}`,
  'AT+CMGL="ALL"': (body) =>
    `+CMGL: 1,"REC READ","+49170",,"26/11/28,10:00:00+04"\r\n${body}\r\n+CMGL: 2,"REC READ","+49170",,"26/11/28,10:00:00+04"\r\n${body}`,
  'AT+CPBR=1,9': (body) => `+CPBR: 1,"+49170",145,"${body}"\r\n+CPBR: 2,"+49170",145,"${body}"`,
  'AT+CPBF="x"': (body) => `+CPBF: 1,"+49170",145,"${body}"`,
  'AT+COPS?': (body) => `+COPS: 0,0,"${body}",7`,
  'AT+QSPN': (body) => `+QSPN: "${body}","${body}","",0,"26201"`,
  'AT+CUSD=1,"*100#"': (body) => `+CUSD: 1,"${body}",15`,
  'AT+CLCC': (body) => `+CLCC: 1,1,4,0,0,"+49170",129,"${body}"`,
  'AT+QFREAD=1': (body) => `CONNECT ${body.length}\r\n${body}`,
  'AT+QIRD=0,1500': (body) => `+QIRD: ${body.length}\r\n${body}`,
};

/** Ends the string, and then the command. */
const ENDING = `x",15\r\nERROR\r\n${CLAIMS.qfwd[0]}\r\n${CLAIMS.tcpip[0]}\r\ny`;

/** Ends the string; what follows is a report of its own. */
const LOSING = `",15\r\n${CLAIMS.tcpip[1]}\r\n`;

/** The module answers the command with this. */
function answering(module: SimulatedModule, command: string, text: string): Fault {
  return {
    send: (packet) =>
      packet.kind === 'result' && module.commands.at(-1) === command
        ? [{ kind: 'info', bytes: Buffer.from(`\r\n${text}\r\n\r\nOK\r\n`) }]
        : [packet],
  };
}

scenario('What others wrote, in the answer to a command of a flow', (family) => {
  for (const [command, write] of Object.entries(ANSWERS)) {
    it(`changes nothing of what the flow is told of sockets: ${command}`, async () => {
      await fc.assert(
        fc.asyncProperty(claimed(family === QFWD ? 'qfwd' : 'tcpip'), async (body) => {
          const rig = await readyRig();
          const server = await rig.openServer();
          const { peer, socketId } = await server.connect();
          const collector = rig.collect();
          const text = write(body.replaceAll('ID', String(socketId)));
          rig.module.inject(answering(rig.module, command, text));
          peer.socket.write('to the flow');
          // A text without a certain end may hide an answer, which is told as an unknown outcome.
          await Promise.allSettled([
            rig.modem.requests.raw(command),
            rig.modem.send(socketId, Buffer.from('to the peer'), 60_000),
          ]);
          await rig.pass(60_000);
          await assertUnmoved(rig, server, peer, collector, socketId);
          await rig.stop();
        }),
        { numRuns: 10, examples: [[ENDING], [LOSING]] },
      );
    }).timeout(60_000);
  }
});
